import Configuration

/// Something in a configuration that will hurt, where it stands, and the line that mends it.
package struct Finding: Hashable, Sendable {
  package var rule: AuditRule
  /// Of this one: a rule's findings may weigh differently.
  package var severity: Severity
  /// Where to look first; nil when it is of the whole that was read.
  package var place: Place?
  /// One or two sentences with the figures, in the words of the file.
  package var message: String
  package var fix: Fix?
  /// The other places that it follows from, each with what stands there.
  package var related: [Related]

  package init(
    _ rule: AuditRule, _ severity: Severity? = nil, at place: Place?, _ message: String, fix: Fix? = nil,
    related: [Related] = []
  ) {
    self.rule = rule
    self.severity = severity ?? rule.severity
    self.place = place
    self.message = message
    self.fix = fix
    self.related = related
  }

  package enum Severity: String, CaseIterable, Hashable, Sendable, Comparable {
    /// Worth knowing.
    case note
    /// Hurts under load or some day.
    case warning
    /// Breaks, or is broken.
    case critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The exact line to write.
  package struct Fix: Hashable, Sendable {
    /// The line that it replaces; nil: it is to be added.
    package var place: Place?
    package var line: String
    package var kind: Kind
    /// The setting that the line writes, and its value; nil where it is none.
    package var setting: String?
    package var value: String?
    /// Of a parameter: the one that it takes the place of, where that has another name.
    package var replaces: String?
    /// The file that an added line belongs into; nil where there is a place.
    package var file: String?
    /// What has to change with it.
    package var also: [Fix]

    package init(
      _ line: String, at place: Place? = nil, kind: Kind = .line, setting: String? = nil, value: String? = nil,
      replaces: String? = nil, file: String? = nil, also: [Fix] = []
    ) {
      self.line = line
      self.place = place
      self.kind = kind
      self.setting = setting
      self.value = value
      self.replaces = replaces
      self.file = file
      self.also = also
    }

    package enum Kind: String, Hashable, Sendable {
      /// A whole line of the file, without its indentation.
      case line
      /// A parameter of the address that stands at the place: the rest of that line stays.
      case parameter
      /// The line at the place goes; `line` is what it says today, as a comment.
      case removal
      /// Belongs into the application's source, which was not read.
      case code
    }
  }

  package struct Related: Hashable, Sendable {
    package var place: Place
    package var text: String
    package init(_ place: Place, _ text: String) {
      self.place = place
      self.text = text
    }
  }
}

/// What an audit looks for.
package struct AuditRule: Hashable, Sendable {
  /// The word that names it in output and suppressions: `slot-budget`. Never changes once released.
  package var id: String
  /// A short sentence without its full stop.
  package var title: String
  package var severity: Finding.Severity
  /// Why it hurts, in two or three sentences, with the source of what it claims.
  package var why: String

  package init(_ id: String, _ title: String, _ severity: Finding.Severity, why: String) {
    self.id = id
    self.title = title
    self.severity = severity
    self.why = why
  }
}

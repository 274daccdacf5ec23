import Model

/// One pool implementation: how it names, counts and defaults the neutral settings.
package struct Ecosystem: Hashable, Sendable {
  /// The word for it on the command line: `asyncpg`, `asyncpg-0.31`.
  package var id: String
  /// Its own name, with the versions where they matter.
  package var title: String
  /// The versions that the facts hold for.
  package var versions: Versions
  /// Where the facts stand: version or commit, and file.
  package var source: String
  /// The versions of the library itself that the defaults were read out of by test; nil: from the source alone.
  package var checkedAgainst: String?
  /// How its settings are written.
  package var form: Form
  /// How the value in force is read back.
  package var effective: String
  package var settings: [SettingKey: Expression]
  /// What else a person has to know, each a sentence.
  package var notes: [String]
  /// Names that look like pool settings and are not, with what they are.
  package var strangers: [String: String]

  package init(
    id: String, title: String, versions: Versions, source: String, checkedAgainst: String? = nil, form: Form,
    effective: String,
    settings: [SettingKey: Expression], notes: [String] = [], strangers: [String: String] = [:]
  ) {
    self.id = id
    self.title = title
    self.versions = versions
    self.source = source
    self.checkedAgainst = checkedAgainst
    self.form = form
    self.effective = effective
    self.settings = settings
    self.notes = notes
    self.strangers = strangers
  }

  /// The versions that a table holds for: of which library, from which, and before which.
  package struct Versions: Hashable, Sendable {
    package var library: String
    /// The first version; nil: from the first that there is.
    package var from: [Int]?
    /// The first version that it no longer holds for.
    package var before: [Int]?
    package init(_ library: String, from: [Int]? = nil, before: [Int]? = nil) {
      self.library = library
      self.from = from
      self.before = before
    }

    package func contains(_ version: [Int]) -> Bool {
      let isNewEnough = from.map { !version.lexicographicallyPrecedes($0) } ?? true
      let isOldEnough = before.map { version.lexicographicallyPrecedes($0) } ?? true
      return isNewEnough && isOldEnough
    }

    package var text: String {
      func dotted(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
      switch (from, before) {
      case (nil, nil): return library
      case (let from?, nil): return "\(library) from \(dotted(from))"
      case (nil, let before?): return "\(library) before \(dotted(before))"
      case (let from?, let before?): return "\(library) from \(dotted(from)), before \(dotted(before))"
      }
    }
  }

  /// How settings are written, one a line or as the query of a URL.
  package enum Form: String, Hashable, Sendable {
    case assignments
    case url
    case words

    package func text(_ lines: [SettingLine]) -> String {
      switch self {
      case .assignments: lines.map { "\($0.name)=\($0.value)\n" }.joined()
      case .words: lines.map { "\($0.name) \($0.value)\n" }.joined()
      case .url: lines.isEmpty ? "" : "?" + lines.map { "\($0.name)=\($0.value)" }.joined(separator: "&") + "\n"
      }
    }
  }

  /// The expression of `key`; every ecosystem has one for every key.
  package subscript(key: SettingKey) -> Expression {
    settings[key] ?? .absent(behaves: nil, nearest: "nothing near it is known")
  }

  package func dialect(of key: SettingKey) -> Dialect? {
    if case .setting(let dialect) = self[key] { dialect } else { nil }
  }

  /// What holds when the setting is not written; nil when it is required or depends on the machine.
  package func standard(of key: SettingKey) -> SettingValue? {
    switch self[key] {
    case .setting(let dialect): if case .value(let value) = dialect.standard { value } else { nil }
    case .absent(let behaves, _): behaves
    }
  }
}

/// One setting as an ecosystem writes it.
package struct SettingLine: Hashable, Sendable {
  package var name: String
  package var value: String
}

/// How an ecosystem expresses a neutral setting, or that it cannot.
package enum Expression: Hashable, Sendable {
  case setting(Dialect)
  /// There is no such setting: how the pool behaves all the same (nil: not one value), and the nearest means.
  case absent(behaves: SettingValue?, nearest: String)
}

extension Ecosystem {
  /// Every ecosystem, in the order of the documents: applications' pools by language, then poolers, then the server.
  package static let all: [Ecosystem] = [
    asyncpg, asyncpg031, sqlAlchemy, psycopgPool, psycopg2, prisma, prisma7, nodePostgres, sqlx, hikariCP,
    springHikariCP, pgxpool, goDatabaseSQL, postgresNIO, pgBouncer, pgBouncer123, pgBouncer120, odyssey, pgCat,
    postgreSQL, builtin,
  ]

  package static func named(_ id: String) -> Ecosystem? { all.first { $0.id == id } }
}

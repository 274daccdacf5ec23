import Model
import YAML

/// Reads `runbooks/go-no-go.yaml`. All faults of the file are reported at once, each with its line and column.
package enum PolicyFile {
  /// What a policy may name.
  package struct Known: Hashable, Sendable {
    package var experiments: [String]
    /// File names, with `.md`.
    package var runbooks: [String]
    package init(experiments: [String], runbooks: [String]) {
      self.experiments = experiments
      self.runbooks = runbooks
    }
  }

  /// Reads a text as the content of the file at `path`, which is not opened.
  package static func parse(text: String, path: String, known: Known) -> Result<GoNoGoPolicy, ExperimentFaults> {
    var reader = ExperimentReader()
    var policy: GoNoGoPolicy?
    do throws(YAMLFault) {
      if let root = try YAMLDocument.read(Array(text.utf8)) {
        policy = reader.policy(root, known)
      } else {
        reader.report(.start, "the file is empty; a policy begins with 'version: 1'")
      }
    } catch { reader.report(error.mark, error.message) }
    if let policy, reader.faults.isEmpty { return .success(policy) }
    return .failure(ExperimentFaults(reader.faults, path: path))
  }
}

extension ExperimentReader {
  private static let keys = [
    "version", "experiments", "max_age", "code", "rollback_rehearsed", "runbooks", "manual",
  ]

  fileprivate mutating func policy(_ root: Node, _ known: PolicyFile.Known) -> GoNoGoPolicy? {
    guard case .map(let entries) = root.content, isVersion1(entries) else {
      if faults.isEmpty { report(root.mark, "a policy is made of 'key: value' lines; it begins with 'version: 1'") }
      return nil
    }
    guard let fields = fields(root, "the policy", known: Self.keys, required: ["version"]) else { return nil }
    var policy = GoNoGoPolicy()
    policy.experiments = fields["experiments"].flatMap { requirements($0, known.experiments) }
    if let age = fields["max_age"].flatMap({ self.age($0) }) { policy.maxAge = age }
    policy.code = fields["code"].map { paths($0) } ?? []
    policy.rollbackRehearsed = fields["rollback_rehearsed"].flatMap { isTrue($0, "rollback_rehearsed") } ?? false
    policy.runbooks = fields["runbooks"].flatMap { runbooks($0, known.runbooks) }
    policy.manual = fields["manual"].map { manual($0) } ?? []
    return policy
  }

  // MARK: What is named

  private mutating func requirements(_ node: Node, _ known: [String]) -> [GoNoGoPolicy.Requirement]? {
    distinct(node, "experiments", accepts: "names of experiments, such as [peak]") { reader, node in
      guard case .map = node.content else {
        return reader.named(node, "experiments", "experiment", known).map { ($0, .init(experiment: $0)) }
      }
      let keys = ["name", "max_age"]
      guard let fields = reader.fields(node, "an experiment", known: keys, required: ["name"]) else { return nil }
      let name = fields["name"].flatMap { reader.named($0, "name", "experiment", known) }
      let age = fields["max_age"].map { reader.age($0) } ?? nil
      return name.map { ($0, .init(experiment: $0, maxAge: age)) }
    }
  }

  private mutating func runbooks(_ node: Node, _ known: [String]) -> [String]? {
    distinct(node, "runbooks", accepts: "file names in runbooks/, such as [connection-pool]") { reader, node in
      let stems = known.map { String($0.dropLast(3)) }
      guard let word = reader.scalar(node, "runbooks", accepts: "a file name in runbooks/") else { return nil }
      let stem = word.hasSuffix(".md") ? String(word.dropLast(3)) : word
      guard stems.contains(stem) else { return reader.fault(node.mark, reader.missing(stem, "runbook", stems)) }
      return (stem, stem + ".md")
    }
  }

  private mutating func named(_ node: Node, _ key: String, _ kind: String, _ known: [String]) -> String? {
    guard let name = scalar(node, key, accepts: "the name of an \(kind)") else { return nil }
    return known.contains(name) ? name : fault(node.mark, missing(name, kind, known))
  }

  private func missing(_ word: String, _ kind: String, _ known: [String]) -> String {
    let hint = suggestion(word, known)
    let list = known.isEmpty ? "there is none" : "known: \(known.joined(separator: ", "))"
    return "there is no \(kind) \(quoted(word))\(hint.isEmpty ? "; " : hint + " ")\(list)"
  }

  /// The items of a list that is not empty, each with the word that must not come twice.
  private mutating func distinct<Item>(
    _ node: Node, _ name: String, accepts: String,
    _ read: (inout ExperimentReader, Node) -> (word: String, item: Item)?
  ) -> [Item]? {
    guard let nodes = list(node, name, accepts: accepts) else { return nil }
    if nodes.isEmpty { report(node.mark, "\(name) is empty; write \(accepts), or leave the key out") }
    var lines: [String: Int] = [:]
    var items: [Item] = []
    for node in nodes {
      guard let (word, item) = read(&self, node) else { continue }
      if let line = lines[word] {
        report(node.mark, "\(quoted(word)) is named twice; the first one is on line \(line)")
      } else {
        lines[word] = node.mark.line
        items.append(item)
      }
    }
    return items
  }

  // MARK: Values

  /// How old evidence may be: like a duration, and in days too.
  private mutating func age(_ node: Node) -> Duration? {
    let accepts = "an age such as 30d, 12h or 90m, at most 36500d"
    guard let text = scalar(node, "max_age", accepts: accepts) else { return nil }
    let days = text.hasSuffix("d") ? Double(decimalText: String(text.dropLast())) : nil
    let seconds = days.map { $0 * 86_400 } ?? Duration(text: text)?.seconds
    guard let seconds, seconds > 0, seconds <= 36_500 * 86_400 else {
      let isBare = Double(decimalText: text) != nil
      return fault(
        node.mark,
        isBare ? "\(quoted(text)) has no unit; write \(text)d" : "\(quoted(text)) is no age; write \(accepts)")
    }
    return .ofSeconds(seconds)
  }

  mutating func isTrue(_ node: Node, _ name: String) -> Bool? {
    word(node, name, of: ["true", "false"]).map { $0 == "true" }
  }

  private mutating func paths(_ node: Node) -> [String] {
    let accepts = "paths below the project's folder, such as [Sources/**]"
    return distinct(node, "code", accepts: accepts) { reader, node in
      guard let path = reader.scalar(node, "code", accepts: "a path such as Sources/**") else { return nil }
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let isBelow = !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !path.hasPrefix(":")
      guard isBelow, !path.contains(where: { $0.isNewline || "[]\\\0".contains($0) }) else {
        return reader.fault(
          node.mark, "\(quoted(path)) is no path of code; write \(accepts), with *, ** and ? as the only wildcards")
      }
      return (path, path)
    } ?? []
  }

  private mutating func manual(_ node: Node) -> [GoNoGoPolicy.ManualItem] {
    let accepts = "items such as { id: on-call-informed, text: \"The engineer on call knows.\" }"
    return distinct(node, "manual", accepts: accepts) { reader, node in
      let keys = ["id", "text", "max_age"]
      guard let fields = reader.fields(node, "a manual item", known: keys, required: ["id", "text"]) else { return nil }
      let id = fields["id"].flatMap { reader.identifier($0) }
      let text = fields["text"].flatMap { reader.scalar($0, "text", accepts: "a sentence") }?.trimmingBlanks
      if let place = fields["text"]?.mark, text?.isEmpty == true { reader.report(place, "text is empty") }
      let age = fields["max_age"].map { reader.age($0) } ?? nil
      guard let id, let text else { return nil }
      return (id, .init(id: id, text: text, maxAge: age))
    } ?? []
  }

  /// It is typed on a command line.
  private mutating func identifier(_ node: Node) -> String? {
    let accepts = "letters, digits, '.', '_' and '-', such as on-call-informed"
    guard let text = scalar(node, "id", accepts: accepts) else { return nil }
    let signs: Set<Character> = [".", "_", "-"]
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || signs.contains($0) }
    guard isPlain, text.first.map({ $0.isLetter || $0.isNumber }) ?? false else {
      return refuse(node, text, "id", accepts)
    }
    return text
  }
}

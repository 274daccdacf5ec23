import Advice
import Configuration
import Model

/// Findings as SARIF 2.1.0 (OASIS, 27 March 2020): what GitHub code scanning and editors read.
struct SARIFReport {
  private let report: AuditReport
  private let version: String
  private let directory: String
  /// The text of a line, without its newline; nil where it is not at hand. It never gets into the output, except that a
  /// setting's name tells findings apart.
  private let line: (Place) -> String?

  init(_ report: AuditReport, version: String, directory: String, line: @escaping (Place) -> String?) {
    self.report = report
    self.version = version
    self.directory = directory
    self.line = line
  }

  var json: JSONValue {
    ["$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": .array([run])]
  }

  private var run: JSONValue {
    .members([
      ("tool", .members([("driver", driver)])), ("columnKind", "unicodeCodePoints"),
      ("invocations", .array([invocation])), ("originalUriBaseIds", .members([(Self.root, folder)])),
      ("artifacts", .array(report.read.map { .members([("location", location($0.path))]) })),
      ("results", .array(results)),
    ])
  }

  private var folder: JSONValue { ["description": ["text": "The folder in which poolops audit was typed."]] }

  private static let root = "%SRCROOT%"

  // MARK: - The rules

  private var driver: JSONValue {
    [
      "name": "poolops", "version": .string(version), "semanticVersion": .string(version),
      "rules": .array(report.rules.map(Self.descriptor)),
    ]
  }

  private static func descriptor(_ rule: AuditRule) -> JSONValue {
    [
      "id": .string(rule.id), "name": .string(rule.id.split(separator: "-").map { String($0).capitalised }.joined()),
      "shortDescription": ["text": .string(rule.title + ".")], "fullDescription": ["text": .string(rule.why)],
      "help": ["text": .string(rule.help), "markdown": .string(rule.markdownHelp)],
      "defaultConfiguration": ["level": .string(rule.severity.sarifLevel)],
      "properties": ["tags": ["database", "reliability"], "precision": "high"],
    ]
  }

  // MARK: - The run

  /// What kept the audit from seeing everything; the verdict is the process's exit code.
  private var invocation: JSONValue {
    let notices = report.remarks.filter { $0.weight == .notice }.map { notification("note", $0.text, $0.place) }
    let gaps = report.verdict.gaps.map { notification("warning", "Not seen: " + $0.text, $0.place) }
    return [
      "executionSuccessful": true, "exitCode": .integer(Int(report.verdict.status.rawValue)),
      "toolExecutionNotifications": .array(gaps + notices),
    ]
  }

  private func notification(_ level: String, _ text: String, _ place: Place?) -> JSONValue {
    .members(
      [("level", .string(level)), ("message", ["text": .string(text + ".")])]
        + (place.map { [("locations", .array([location(of: $0)]))] } ?? []))
  }

  // MARK: - The results

  private var results: [JSONValue] {
    var seen: [String: Int] = [:]
    let all = report.findings.map { ($0, Suppression?.none) } + report.suppressed.map { ($0.finding, $0.suppression) }
    return all.map { result($0, $1, &seen) }
  }

  private func result(_ finding: Finding, _ suppression: Suppression?, _ seen: inout [String: Int]) -> JSONValue {
    var members: [(String, JSONValue)] = [("ruleId", .string(finding.rule.id))]
    if let index = report.rules.firstIndex(where: { $0.id == finding.rule.id }) {
      members.append(("ruleIndex", .integer(index)))
    }
    members += [
      ("level", .string(finding.severity.sarifLevel)), ("message", ["text": .string(message(finding))]),
      ("locations", .array(finding.place.map { [location(of: $0)] } ?? [])),
    ]
    if !finding.related.isEmpty { members.append(("relatedLocations", .array(related(finding)))) }
    members.append(("partialFingerprints", ["poolopsFinding/v1": .string(fingerprint(finding, &seen))]))
    if let fix = fix(finding) { members.append(("fixes", [fix])) }
    // An empty list says that nothing suppresses it; consumers ask for it where any result has one.
    if !report.suppressed.isEmpty { members.append(("suppressions", suppressions(suppression))) }
    return .members(members)
  }

  private func message(_ finding: Finding) -> String {
    ([finding.message.withStop] + finding.fixes.map(\.sentence)).joined(separator: " ")
  }

  private func related(_ finding: Finding) -> [JSONValue] {
    finding.related.enumerated().map { number, item in
      guard case .object(let members) = location(of: item.place) else { return nil }
      return .members(
        [("id", .integer(number + 1))] + members.map { ($0.key, $0.value) }
          + [("message", ["text": .string(item.text)])])
    }
  }

  private func suppressions(_ suppression: Suppression?) -> JSONValue {
    guard let suppression else { return [] }
    var members: [(String, JSONValue)] = [
      ("kind", suppression.place == nil ? "external" : "inSource"), ("status", "accepted"),
      ("justification", .string(suppression.reason)),
    ]
    if let place = suppression.place { members.append(("location", location(of: place))) }
    return .array([.members(members)])
  }

  /// The same for a finding whose line moves or whose value changes, so that an alert keeps its history: the rule, the
  /// file, the setting's name and the how-many-th such finding it is.
  private func fingerprint(_ finding: Finding, _ seen: inout [String: Int]) -> String {
    let place = finding.place
    let file = place.map { RelativePath.of($0.file, in: directory) } ?? ""
    let name = place.flatMap(line).map { String($0.prefix { $0 != "=" && $0 != ":" }).trimmedSpaces } ?? ""
    let key = [finding.rule.id, file, name].joined(separator: "\n")
    seen[key, default: 0] += 1
    return Checksum("\(key)\n\(seen[key] ?? 0)").text
  }

  // MARK: - Places

  private func location(_ path: String) -> JSONValue {
    let path = RelativePath.of(path, in: directory)
    let uri = ("uri", JSONValue.string(RelativePath.uri(path)))
    return .members(path.hasPrefix("/") ? [uri] : [uri, ("uriBaseId", .string(Self.root))])
  }

  private func location(of place: Place) -> JSONValue {
    guard !place.isLive else { return ["logicalLocations": [["fullyQualifiedName": .string(place.file)]]] }
    var region: [(String, JSONValue)] = [("startLine", .integer(max(1, place.line)))]
    if let column = place.column { region.append(("startColumn", .integer(column))) }
    return ["physicalLocation": ["artifactLocation": location(place.file), "region": .members(region)]]
  }

  /// None unless all that has to change together can be changed: in lines that are at hand and plainly hold the setting.
  private func fix(_ finding: Finding) -> JSONValue? {
    var changes: [JSONValue] = []
    for item in finding.fixes {
      guard let place = item.fix.place, !place.isLive, let old = line(place), let edit = LineEdit(item.fix, in: old)
      else {
        return nil
      }
      changes.append(change(edit, place))
    }
    guard !changes.isEmpty else { return nil }
    let text = finding.fixes.map(\.sentence).joined(separator: "; ") + "."
    return .members([("description", ["text": .string(text)]), ("artifactChanges", .array(changes))])
  }

  private func change(_ edit: LineEdit, _ place: Place) -> JSONValue {
    let region: JSONValue = [
      "startLine": .integer(place.line), "startColumn": .integer(edit.start), "endLine": .integer(place.line),
      "endColumn": .integer(edit.end),
    ]
    let replacement: JSONValue = .members([
      ("deletedRegion", region), ("insertedContent", ["text": .string(edit.text)]),
    ])
    return .members([("artifactLocation", location(place.file)), ("replacements", .array([replacement]))])
  }
}

extension AuditReport {
  /// SARIF 2.1.0.
  /// - Parameters:
  ///   - directory: paths become relative to it.
  ///   - line: the text of a line of a file that was read, without its newline.
  package func sarif(version: String, directory: String, line: @escaping (Place) -> String?) -> JSONValue {
    SARIFReport(self, version: version, directory: directory, line: line).json
  }
}

extension Finding.Severity {
  fileprivate var sarifLevel: String {
    switch self {
    case .critical: "error"
    case .warning: "warning"
    case .note: "note"
    }
  }
}

extension String {
  /// With a full stop where it has none.
  fileprivate var withStop: String { hasSuffix(".") ? self : self + "." }
}

import Evidence
import Model

/// A comparison as JUnit XML, for build servers: a test case for each judged metric.
///
/// A regression is a failure; what is inconclusive was skipped; improved and unchanged metrics passed.
package struct JUnitReport: Sendable {
  private let report: DiffReport
  private var comparison: Comparison { report.comparison }

  package init(_ comparison: Comparison) { report = DiffReport(comparison) }

  private var judged: [ComparisonRow] { comparison.judgedRows }

  package var text: String {
    let counts = [
      ("tests", judged.count), ("failures", judged.count { $0.finding == .regressed }), ("errors", 0),
      ("skipped", judged.count { $0.finding == .inconclusive }),
    ].map { ($0.0, "\($0.1)") }
    let suite = XMLElement(
      "testsuite",
      [("name", "\(report.before) to \(report.after)")] + counts + [
        ("timestamp", String(comparison.after.run.started.text.dropLast()))
      ], [properties] + judged.map(testCase) + [XMLElement("system-out", [], text: report.conclusion)])
    let root = XMLElement("testsuites", [("name", "poolops diff")] + counts, [suite])
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root.text
  }

  private var properties: XMLElement {
    let facts =
      [("design", Phrases.design(comparison))]
      + (comparison.settings + comparison.otherDifferences).map { ($0.name, "\($0.before) to \($0.after)") }
    return XMLElement(
      "properties", [], facts.map { XMLElement("property", [("name", $0.0), ("value", $0.1)]) })
  }

  private func testCase(_ row: ComparisonRow) -> XMLElement {
    let names = [("classname", "poolops.\(comparison.after.run.execution.experiment)"), ("name", row.metric.title)]
    let message = message(row)
    return switch row.finding {
    case .regressed:
      XMLElement("testcase", names, [XMLElement("failure", [("message", message), ("type", "regression")])])
    case .inconclusive: XMLElement("testcase", names, [XMLElement("skipped", [("message", message)])])
    case .improved, .noDifference, .notJudged:
      XMLElement("testcase", names, [XMLElement("system-out", [], text: message)])
    }
  }

  /// `regressed: 145 ms to 167 ms, +15.2 % (95 % interval +12.0 to +18.3 %)`.
  private func message(_ row: ComparisonRow) -> String {
    let values = "\(Phrases.figure(row.metric, row.before)) to \(Phrases.figure(row.metric, row.after))"
    let change = [Phrases.percent(row), Phrases.change(row)].first { $0 != "-" }
    let interval = Phrases.changeInterval(row)
    let reason = row.note.isEmpty ? comparison.refusals.first : row.note
    return "\(row.finding.rawValue): \(values)" + (change.map { ", \($0)" } ?? "")
      + (interval == "-" ? "" : " (95 % interval \(interval))")
      + (row.finding == .inconclusive ? reason.map { "; \($0)" } ?? "" : "")
  }
}

/// One element with its attributes and what is in it.
private struct XMLElement {
  let name: String
  let attributes: [(String, String)]
  let children: [XMLElement]
  let content: String?

  init(_ name: String, _ attributes: [(String, String)], _ children: [XMLElement] = [], text: String? = nil) {
    self.name = name
    self.attributes = attributes
    self.children = children
    content = text
  }

  var text: String { text(indent: "") }

  private func text(indent: String) -> String {
    let head = indent + "<" + name + attributes.map { " \($0.0)=\"\(Self.escaped($0.1))\"" }.joined()
    if let content { return "\(head)>\(Self.escaped(content))</\(name)>\n" }
    guard !children.isEmpty else { return head + "/>\n" }
    return head + ">\n" + children.map { $0.text(indent: indent + "  ") }.joined() + "\(indent)</\(name)>\n"
  }

  /// XML 1.0 has no form for most control characters, nor for U+FFFE and U+FFFF.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t", "\r": escaped += "&#\(scalar.value);"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}

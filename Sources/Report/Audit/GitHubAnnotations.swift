import Advice
import Configuration

extension AuditReport {
  /// Workflow commands of GitHub Actions, which shows them at their lines in a pull request; then one plain line.
  ///
  /// What is suppressed is told in the plain line only. A pull request shows ten of each kind: the worst come first.
  /// - Parameter directory: paths become relative to it.
  package func annotations(directory: String) -> String {
    let commands = findings.map { finding in
      let fix = finding.fixes.map { "\n" + $0.sentence }.joined()
      return command(finding.severity.command, finding.place, finding.rule.id, finding.message + fix, directory)
    }
    let gaps = verdict.gaps.map { command("warning", $0.place, "not seen", $0.text, directory) }
    let accepted = suppressed.isEmpty ? "" : "; \(suppressed.count) suppressed"
    // Never at the start of a line, so that nothing in it can be taken for a command.
    return (commands + gaps + ["poolops audit: \(word), \(tally)\(accepted). Next: \(next.onOneLine)"])
      .joined(separator: "\n") + "\n"
  }

  private func command(
    _ name: String, _ place: Place?, _ title: String, _ message: String, _ directory: String
  ) -> String {
    var properties: [(String, String)] = []
    var text = message
    if let place, !place.isLive {
      properties.append(("file", RelativePath.of(place.file, in: directory)))
      properties.append(("line", "\(place.line)"))
      if let column = place.column { properties.append(("col", "\(column)")) }
    } else if let place {
      text = "\(place): \(message)"
    }
    properties.append(("title", title))
    let list = properties.map { "\($0)=\(Self.escapedProperty($1))" }.joined(separator: ",")
    return "::\(name) \(list)::\(Self.escapedMessage(text))"
  }

  /// As @actions/core does (toolkit, command.ts: escapeData, escapeProperty).
  static func escapedMessage(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": output += "%25"
      case "\r": output += "%0D"
      case "\n": output += "%0A"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  static func escapedProperty(_ text: String) -> String {
    var output = ""
    for scalar in escapedMessage(text).unicodeScalars {
      switch scalar {
      case ":": output += "%3A"
      case ",": output += "%2C"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}

extension Finding.Severity {
  fileprivate var command: String {
    switch self {
    case .critical: "error"
    case .warning: "warning"
    case .note: "notice"
    }
  }
}

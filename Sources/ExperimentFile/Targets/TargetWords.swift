import Configuration
import Model
import YAML

/// What the sections of several targets are made of.
extension ExperimentReader {
  /// A text on one line that holds no password.
  mutating func plainText(_ node: Node, _ name: String, accepts: String) -> String? {
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      return fault(node.mark, "\(name) holds a line break or another control character")
    }
    guard Redaction.text("\(name)=\(text)") == "\(name)=\(text)" else {
      return fault(
        node.mark, "\(name) holds a password here, and experiment files are committed; name a variable that holds it")
    }
    guard !text.isEmpty else { return fault(node.mark, "\(name) is empty; write \(accepts)") }
    return text
  }

  /// A program and its words. A text in one piece would need a shell to be split.
  mutating func words(_ node: Node, _ name: String) -> [String]? {
    let accepts = "a list of words, such as [systemctl, --user, restart, shop]; no shell reads them"
    if case .scalar(let text, _) = node.content {
      let pieces = text.split(whereSeparator: \.isWhitespace).joined(separator: ", ")
      let isSafe = Redaction.text(text) == text && !text.isEmpty
      return fault(node.mark, "\(name) takes \(accepts)" + (isSafe ? ": [\(pieces)]" : ""))
    }
    guard let nodes = list(node, name, accepts: accepts) else { return nil }
    guard !nodes.isEmpty else { return fault(node.mark, "\(name) is empty; write \(accepts)") }
    let words = nodes.compactMap { plainText($0, "a word of \(name)", accepts: "a word") }
    guard words.count == nodes.count else { return nil }
    guard Redaction.command(words) == words else {
      return fault(
        node.mark, "\(name) holds a password, and experiment files are committed; let the program read it elsewhere")
    }
    return words
  }

  mutating func limit(_ fields: Fields, _ key: String, standard: Duration) -> Duration? {
    fields[key].map { duration($0, key, atMost: .seconds(3600)) } ?? standard
  }

  mutating func url(_ fields: Fields, _ mark: Mark, _ name: String) -> AppURL? {
    switch (fields["url"], fields["url_env"]) {
    case (let node?, nil): return url(node).map(AppURL.text)
    case (nil, let node?):
      return environmentVariable(node, "url_env", such: "APP_HEALTH_URL").map(AppURL.environment)
    case (_?, let node?): return fault(node.mark, "\(name) has 'url' or 'url_env', not both")
    case (nil, nil): return fault(mark, "'url' is missing in \(name)")
    }
  }

  private mutating func url(_ node: Node) -> String? {
    let accepts = "an address such as http://127.0.0.1:8080/healthz"
    guard let text = scalar(node, "url", accepts: accepts) else { return nil }
    // Not quoted back: it may hold a password.
    guard Redaction.text(text) == text, !text.contains("@") else {
      return fault(
        node.mark,
        "the URL holds a user or a password, and experiment files are committed; write url_env: NAME, a variable that holds the URL"
      )
    }
    let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
    guard let rest, let first = rest.first, first != "/", !text.contains(where: \.isWhitespace) else {
      return refuse(node, text, "url", accepts)
    }
    return text
  }

  mutating func path(_ node: Node, _ name: String, such example: String) -> String? {
    plainText(node, name, accepts: "a path from the project's folder, such as \(example)")
  }
}

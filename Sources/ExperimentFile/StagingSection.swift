import Model
import YAML

extension ExperimentReader {
  mutating func staging(_ node: Node) -> StagingSpec? {
    guard let (key, value) = choice(node, "staging", of: ["embedded", "url_env"]) else { return nil }
    return key == "embedded" ? embedded(value) : variable(value)
  }

  private mutating func embedded(_ node: Node) -> StagingSpec? {
    guard !node.isNull else { return .embedded(datasetScale: 10, settings: [:]) }
    guard let fields = fields(node, "embedded", known: ["dataset_scale", "settings"]) else { return nil }
    let scale = fields["dataset_scale"].map { integer($0, "dataset_scale", 1...10_000) } ?? 10
    let settings = fields["settings"].map { serverSettings($0) } ?? [:]
    guard let scale, let settings else { return nil }
    return .embedded(datasetScale: scale, settings: settings)
  }

  /// PostgreSQL's own names and values. Whether it knows them it says itself when staging starts.
  private mutating func serverSettings(_ node: Node) -> [String: String]? {
    guard let entries = entries(node, "settings", accepts: "PostgreSQL's settings, such as max_connections: 100") else {
      return nil
    }
    var settings: [String: String] = [:]
    for (key, mark, node) in entries {
      guard key.isSettingName else {
        report(mark, "\(quoted(key)) is no name of a PostgreSQL setting; they are made of letters, digits, '_' and '.'")
        continue
      }
      guard let value = scalar(node, key, accepts: "its value, as in postgresql.conf") else { continue }
      if value.unicodeScalars.contains(where: { $0.value < 32 }) {
        report(node.mark, "\(quoted(value)) is no value of \(key): it holds a line break or another control character")
      } else {
        settings[key] = value
      }
    }
    return settings.count == entries.count ? settings : nil
  }

  private mutating func variable(_ node: Node) -> StagingSpec? {
    environmentVariable(node, "url_env", such: "STAGING_DATABASE_URL").map { .urlFromEnvironment(variable: $0) }
  }

  /// The name of a variable that holds a URL.
  mutating func environmentVariable(_ node: Node, _ name: String, such example: String) -> String? {
    let accepts = "the name of an environment variable, such as \(example)"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    // Not quoted back: what stands here by mistake may be a URL with its password.
    guard text.isVariableName else { return fault(node.mark, "\(name) takes \(accepts), not the URL itself") }
    return text
  }
}

extension String {
  var isVariableName: Bool {
    !isEmpty && first?.isNumber == false
      && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" }
  }

  var isSettingName: Bool {
    !isEmpty && first?.isLetter == true
      && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == "." }
  }
}

import Configuration
import Model
import Telemetry
import YAML

extension ExperimentReader {
  /// Of the app that a load over HTTP goes to.
  mutating func gauges(_ node: Node, of load: LoadSpec?) -> PoolEndpoint? {
    if let load, load.carrier == .sql {
      report(
        node.mark, "gauges are those of an app; this load sends its statements to the database itself, so remove them")
    }
    return poolEndpoint(node, "gauges")
  }

  /// Where an app tells of its pool: `gauges` of an experiment, `read_back` of an app.
  mutating func poolEndpoint(_ node: Node, _ name: String) -> PoolEndpoint? {
    let known = ["url", "format", "scheme", "places", "labels", "timeout", "token_env", "ca_file"]
    guard let fields = fields(node, name, known: known, required: ["url"]) else { return nil }
    let before = faults.count
    var endpoint = PoolEndpoint(url: fields["url"].flatMap { poolURL($0) } ?? "")
    if let node = fields["format"] {
      endpoint.format =
        word(node, "format", of: PoolEndpoint.Format.allCases.map(\.rawValue)).flatMap(PoolEndpoint.Format.init)
        ?? .auto
    }
    endpoint.scheme = fields["scheme"].flatMap {
      word($0, "scheme", of: PoolScheme.allCases.map(\.rawValue)).flatMap(PoolScheme.init)
    }
    if let node = fields["places"] { endpoint.places = places(node, endpoint.format) }
    if let node = fields["labels"] { endpoint.labels = labels(node) }
    if let node = fields["timeout"], let timeout = duration(node, "timeout", atMost: .seconds(10)) {
      endpoint.timeout = timeout
    }
    endpoint.tokenVariable = fields["token_env"].flatMap { tokenVariable($0) }
    endpoint.caFile = fields["ca_file"].flatMap { scalar($0, "ca_file", accepts: "the path of a PEM file") }
    return faults.count == before ? endpoint : nil
  }

  private mutating func poolURL(_ node: Node) -> String? {
    let accepts = "where the app tells of its pool, such as http://127.0.0.1:8080/metrics"
    guard let text = scalar(node, "url", accepts: accepts) else { return nil }
    let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
    let rest = text.dropFirst(scheme?.count ?? 0)
    let authority = rest.prefix { !"/?#".contains($0) }
    // Not quoted back: it may hold a password.
    guard !authority.contains("@") else {
      return fault(
        node.mark, "url takes no user and no password; name the environment variable of a token with token_env")
    }
    let query = rest.drop { $0 != "?" }.dropFirst()
    guard !query.split(separator: "&").contains(where: { Redaction.isSecret(String($0.prefix { $0 != "=" })) }) else {
      return fault(
        node.mark, "url holds what looks like a secret; name the environment variable of a token with token_env")
    }
    guard scheme != nil else {
      return fault(node.mark, "\(quoted(text)) is no value of url; write \(accepts), with http:// or https://")
    }
    let isPlain = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 32 && $0.value != 127 }
    guard isPlain, !authority.isEmpty, !authority.hasPrefix(":"), !text.contains("#") else {
      return refuse(node, text, "url", accepts)
    }
    return text
  }

  private mutating func places(_ node: Node, _ format: PoolEndpoint.Format) -> [PoolFigure: String] {
    let figures = PoolFigure.allCases.map(\.rawValue)
    guard let fields = fields(node, "places", known: figures) else { return [:] }
    var places: [PoolFigure: String] = [:]
    for figure in PoolFigure.allCases {
      guard let node = fields[figure.rawValue] else { continue }
      places[figure] = place(node, figure.rawValue, format)
    }
    return places
  }

  private mutating func place(_ node: Node, _ name: String, _ format: PoolEndpoint.Format) -> String? {
    let (json, metric) = ("a place in the JSON such as pool.max", "a metric such as db_max{pool=\"orders\"}")
    let accepts =
      switch format {
      case .auto: "\(json), or \(metric)"
      case .json: json
      case .prometheus: metric
      }
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    let isPlace = format != .prometheus && JSONPlace(text) != nil
    let isMetric = format != .json && MetricSelector(text) != nil
    return isPlace || isMetric ? text : refuse(node, text, name, accepts)
  }

  private mutating func labels(_ node: Node) -> [String: String] {
    let accepts = "the labels of the pool and their values, such as pool: orders"
    var labels: [String: String] = [:]
    for (key, _, value) in entries(node, "labels", accepts: accepts) ?? [] {
      labels[key] = scalar(value, key, accepts: "the value of the label")
    }
    return labels
  }

  private mutating func tokenVariable(_ node: Node) -> String? {
    let accepts = "the name of an environment variable, such as METRICS_TOKEN"
    guard let text = scalar(node, "token_env", accepts: accepts) else { return nil }
    // Not quoted back: what stands here by mistake may be the token.
    return text.isVariableName ? text : fault(node.mark, "token_env takes \(accepts), not the token itself")
  }
}

import Model

/// Looks for pools on a page of metrics: each set of labels is one, whatever state or quantile a series is of.
struct SeriesReader: PoolSource {
  private let page: PrometheusText
  private let byName: [String: [PrometheusText.Sample]]
  /// A faulty line hides a series, and a sum without it would be wrong.
  private let faulty: Set<String>

  init(_ page: PrometheusText) {
    self.page = page
    byName = Dictionary(grouping: page.samples) { Self.plain($0.name) }
    faulty = Set(page.faults.compactMap(\.name).map(Self.plain))
  }

  var contents: String { firstFew(page.names, count: page.nameCount) }

  private static let known = Set(PoolNames.all.flatMap { $0.metrics.joined() }.flatMap(\.names))

  static func knows(_ name: String) -> Bool { known.contains(plain(name)) }

  /// Prometheus 3 leaves OpenTelemetry's dots where the other side takes them.
  private static func plain(_ name: String) -> String {
    name.utf8.contains(UInt8(ascii: ".")) ? name.replacing(".", with: "_") : name
  }

  func pools(of names: PoolNames) -> [FoundPool] {
    for metrics in names.metrics {
      let found = pools(metrics)
      if !found.isEmpty { return found }
    }
    return []
  }

  private func pools(_ metrics: [PoolNames.Metric]) -> [FoundPool] {
    var pools: [[String: String]: PoolGauges] = [:]
    var taken: Set<PoolFigure> = []
    for metric in metrics where !taken.contains(metric.figure) {
      let values = values(of: metric)
      if !values.isEmpty { taken.insert(metric.figure) }
      for (labels, value) in values { pools[labels, default: PoolGauges()][metric.figure] = value }
    }
    return pools.map { labels, gauges in
      var gauges = gauges
      gauges.complete()
      return FoundPool(name: Self.name(labels), labels: labels, gauges: gauges)
    }.filter { !$0.gauges.isEmpty }.sorted { $0.name < $1.name }
  }

  /// By the labels of the pool.
  private func values(of metric: PoolNames.Metric) -> [[String: String]: Double] {
    guard metric.names.allSatisfy({ byName[$0] != nil && !faulty.contains($0) }) else { return [:] }
    var values: [[String: String]: Double] = [:]
    for name in metric.names {
      for sample in byName[name] ?? [] {
        guard let labels = labels(of: sample, for: metric) else { continue }
        values[labels, default: 0] += sample.value * metric.scale
      }
    }
    return values
  }

  /// Without the one that says which part of the pool it is; nil for a series of another part.
  private func labels(of sample: PrometheusText.Sample, for metric: PoolNames.Metric) -> [String: String]? {
    var labels: [String: String] = [:]
    var matches = metric.label == nil
    for label in sample.labels {
      let name = Self.plain(label.name)
      if let (names, value) = metric.label, names.contains(name) {
        guard label.value == value else { return nil }
        matches = true
      } else {
        labels[name] = label.value
      }
    }
    return matches ? labels : nil
  }

  /// Labels by which libraries tell their pools apart, else all of them.
  private static let nameLabels = [
    "pool", "pool_name", "db_client_connection_pool_name", "db_client_connections_pool_name", "db_name", "name",
  ]

  private static func name(_ labels: [String: String]) -> String {
    if let name = nameLabels.lazy.compactMap({ labels[$0] }).first { return name }
    return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}

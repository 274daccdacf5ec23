/// Which series of a page of metrics: `db_connections_active`, or `db_connections{pool="orders",state="used"}`.
package struct MetricSelector: Hashable, Sendable {
  package let name: String
  package let labels: [PrometheusText.Label]

  /// nil when the text is no selector.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard !bytes.contains(0x0A) else { return nil }
    var line = MetricLine(bytes, bytes.indices)
    do throws(MetricLine.Fault) {
      var name = try line.plainName()
      labels = try line.labels(metric: &name)
      line.skipBlanks()
      guard let name, line.isAtEnd else { return nil }
      self.name = name
    } catch { return nil }
  }

  func selects(_ sample: PrometheusText.Sample) -> Bool {
    sample.name == name && labels.allSatisfy { sample[$0.name] == $0.value }
  }
}

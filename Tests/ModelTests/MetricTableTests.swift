import Glibc
import Model
import Testing

/// docs/experiment-file.md shows people the table of metrics that checks are read by.
@Suite struct MetricTableTests {
  private static func word(_ unit: Metric.Unit) -> String {
    switch unit {
    case .seconds, .cpuSeconds: "duration"
    case .perSecond: "per second"
    case .fraction: "share"
    case .count: "count"
    case .bytes: "size"
    }
  }

  private static func word(_ direction: Metric.Direction) -> String {
    switch direction {
    case .lowerIsBetter: "lower"
    case .higherIsBetter: "higher"
    case .neither: "neither"
    }
  }

  private static let expected = ([.latency(95), .wait(95), .query(95), .flow(95)] + Metric.named).map { metric in
    ["`\(metric.word.replacing("(95)", with: "(N)"))`", word(metric.unit), word(metric.direction)]
  }

  @Test func `the documented table is the one in force`() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try #require(contents(of: root + "/docs/experiment-file.md"))
    let rows = text.split(separator: "\n").map { line in
      line.split(separator: "|").prefix(3).map { $0.trimmed }
    }
    let start = try #require(rows.firstIndex { $0.first == "metric" })
    #expect(Array(rows[(start + 2)...].prefix(Self.expected.count)) == Self.expected)
  }

  @Test func `every word is read back as its metric, and no two metrics share one`() {
    let metrics: [Metric] = [.latency(99.9), .wait(50), .query(95), .flow(95)] + Metric.named
    #expect(metrics.map { Metric(word: $0.word) } == metrics)
    #expect(Set(metrics.map(\.word)).count == metrics.count && Set(metrics.map(\.title)).count == metrics.count)
  }
}

private func contents(of path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 17)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes.prefix(count), as: UTF8.self)
}

extension Substring {
  fileprivate var trimmed: String {
    let text = drop { $0 == " " }
    return String(text.reversed().drop { $0 == " " }.reversed())
  }
}

/// A page of metrics in Prometheus's text format, or in OpenMetrics, which is close enough to be read alike.
///
/// Histograms and summaries are plain samples here: `x_bucket`, `x_sum`, `x_count`. A line with a fault is told and left
/// out; the others count. Whatever comes, it takes time and memory in proportion to it.
package struct PrometheusText: Sendable {
  package struct Label: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package struct Sample: Hashable, Sendable {
    package var name: String
    /// In the order of the page.
    package var labels: [Label]
    package var value: Double
    /// As it stands there: milliseconds, in OpenMetrics seconds.
    package var timestamp: Double?
    /// From 1.
    package var line: Int

    package subscript(label: String) -> String? { labels.first { $0.name == label }?.value }
  }

  package struct Fault: Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    /// Of the metric, where it could be read.
    package var name: String?
    package var message: String
    package var description: String { "line \(line): \(message)" }
  }

  package enum Kind: String, CaseIterable, Hashable, Sendable {
    case counter, gauge, histogram, summary, untyped, unknown, info, stateset, gaugehistogram
  }

  package static let maximumBytes = 10_000_000
  package static let maximumSamples = 100_000
  package static let maximumFaults = 20

  package private(set) var samples: [Sample] = []
  /// From the lines `# TYPE` and `# HELP`.
  package private(set) var kinds: [String: Kind] = [:]
  package private(set) var helps: [String: String] = [:]
  /// The first ones.
  package private(set) var faults: [Fault] = []
  package private(set) var faultCount = 0
  /// The first few names on the page, also of samples that were not kept, and how many there are.
  package private(set) var names: [String] = []
  package private(set) var nameCount = 0
  /// false when the page is larger than what is read: then nothing, or only its beginning, was.
  package private(set) var isComplete = true

  private var seenNames: Set<String> = []
  private var seenSeries: Set<Series> = []
  private var line = 0
  private var hasEnded = false

  private struct Series: Hashable {
    var name: String
    var labels: Set<Label>
  }

  /// - Parameter isWanted: which metrics to keep, by name; of the others only the name is read.
  package init(_ bytes: [UInt8], keeping isWanted: (String) -> Bool = { _ in true }) {
    guard bytes.count <= Self.maximumBytes else {
      isComplete = false
      report(nil, "\(bytes.count) bytes are too many; at most \(Self.maximumBytes) are read")
      return
    }
    var start = 0
    while start < bytes.count, isComplete {
      line += 1
      guard let end = bytes[start...].firstIndex(of: 0x0A) else {
        // A number may have lost digits: 1 of 12.
        report(nil, "the line has no end, so that the page may be cut off; every line ends with a line feed")
        break
      }
      read(MetricLine(bytes, start..<end), isWanted)
      start = end + 1
    }
    seenNames = []
    seenSeries = []
  }

  private mutating func read(_ text: MetricLine, _ isWanted: (String) -> Bool) {
    var text = text
    text.skipBlanks()
    guard let first = text.next else { return }
    if hasEnded { return report(nil, "something follows '# EOF'") }
    do throws(MetricLine.Fault) {
      if first == UInt8(ascii: "#") { return try comment(&text) }
      try sample(&text, isWanted)
    } catch { report(error.name, error.message) }
  }

  private mutating func sample(_ text: inout MetricLine, _ isWanted: (String) -> Bool) throws(MetricLine.Fault) {
    var name = try text.plainName()
    if let name {
      note(name)
      guard isWanted(name) else { return }
    }
    let labels = try text.labels(metric: &name)
    guard let name else { throw MetricLine.Fault(nil, "no name of a metric stands here") }
    note(name)
    guard isWanted(name) else { return }
    let (value, timestamp) = try text.values(of: name)
    guard seenSeries.insert(Series(name: name, labels: Set(labels))).inserted else {
      throw MetricLine.Fault(name, "'\(name)' with these labels stands on the page already")
    }
    guard samples.count < Self.maximumSamples else {
      isComplete = false
      throw MetricLine.Fault(name, "more than \(Self.maximumSamples) samples; the rest of the page is not read")
    }
    samples.append(Sample(name: name, labels: labels, value: value, timestamp: timestamp, line: line))
  }

  /// `# TYPE name kind`, `# HELP name text`, `# EOF`; any other comment says nothing.
  private mutating func comment(_ text: inout MetricLine) throws(MetricLine.Fault) {
    guard let (word, rest) = try text.comment() else { return }
    switch (word, rest) {
    case ("EOF", nil): hasEnded = true
    case ("TYPE", .some((let name, let kind))):
      guard let kind = Kind(rawValue: kind) else {
        throw MetricLine.Fault(name, "'\(kind.prefix(40))' is no type of a metric")
      }
      guard kinds.updateValue(kind, forKey: name) == nil else {
        throw MetricLine.Fault(name, "'\(name)' has a type already")
      }
    case ("HELP", .some((let name, let help))): helps[name] = MetricLine.unescaped(help)
    default: break
    }
  }

  private static let shownNames = 10

  private mutating func note(_ name: String) {
    guard samples.last?.name != name, seenNames.insert(name).inserted else { return }
    nameCount += 1
    if names.count < Self.shownNames { names.append(name) }
  }

  private mutating func report(_ name: String?, _ message: String) {
    faultCount += 1
    if faults.count < Self.maximumFaults { faults.append(Fault(line: line, name: name, message: message)) }
  }
}

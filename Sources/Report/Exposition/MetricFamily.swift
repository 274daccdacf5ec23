/// One metric of a page in Prometheus's text format 0.0.4: its help, its type and its series.
struct MetricFamily {
  enum Kind: String {
    case counter
    case gauge
    case summary
    /// For a name that the convention and the format's linter disagree on.
    case untyped
  }

  let name: String
  let kind: Kind
  let help: String
  private var lines: [String] = []

  init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// - Parameter value: nil: there is nothing to say.
  mutating func add(_ value: Double?, _ labels: MetricLabels = MetricLabels(), suffix: String = "") {
    guard let value else { return }
    lines.append("\(name)\(suffix)\(labels.text) \(Self.number(value))\n")
  }

  /// Empty where there is no series: a metric that says nothing is left out.
  func write(to page: inout String) {
    guard !lines.isEmpty else { return }
    page += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for line in lines { page += line }
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: value).map(String.init) ?? "\(value)"
  }
}

/// `{pool="orders",source="api"}`, in the order in which they were added.
struct MetricLabels {
  private var inner = ""

  func with(_ name: String, _ value: String) -> MetricLabels {
    var labels = self
    labels.inner += "\(inner.isEmpty ? "" : ",")\(name)=\"\(Self.escaped(value))\""
    return labels
  }

  var text: String { inner.isEmpty ? "" : "{\(inner)}" }

  private static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
    return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

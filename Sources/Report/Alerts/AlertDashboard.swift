import Model

/// What one source shows on one panel of the dashboard.
struct PanelQuery: Hashable, Sendable {
  enum Panel: CaseIterable, Hashable, Sendable {
    case connections, waiting, oldestWait, timeToExhaustion, timeouts, slots
  }

  var panel: Panel
  var expression: String
  /// What its lines are called.
  var legend: String
  init(_ panel: Panel, _ expression: String, _ legend: String) {
    self.panel = panel
    self.expression = expression
    self.legend = legend
  }
}

extension PanelQuery.Panel {
  var title: String {
    switch self {
    case .connections: "Connections: used, idle, most"
    case .waiting: "Requests that wait for a connection"
    case .oldestWait: "Oldest wait"
    case .timeToExhaustion: "Time to the first timeout"
    case .timeouts: "Acquire timeouts"
    case .slots: "Slots of the server"
    }
  }

  var description: String {
    switch self {
    case .connections: "A pool that is full is no fault by itself. Look at what waits."
    case .waiting: "Requests that have no connection yet."
    case .oldestWait: "How long the oldest of them has waited. At the acquire timeout it fails."
    case .timeToExhaustion: "Until the first request would time out, as things go on. No line: no end is in sight."
    case .timeouts: "Requests that gave up waiting, a second."
    case .slots: "Sessions that PostgreSQL has room for, beside the reserved ones."
    }
  }

  /// Grafana's word for it.
  var unit: String {
    switch self {
    case .connections, .waiting, .slots: "short"
    case .oldestWait, .timeToExhaustion: "s"
    case .timeouts: "reqps"
    }
  }
}

/// A dashboard for Grafana, in its classic model, over the sources that a team has. The data source is a variable.
struct AlertDashboard {
  let sources: [AlertSource]
  let plan: AlertPlan

  /// Of Grafana 12 and 13 (apps/dashboard/pkg/migration/schemaversion, 01ec8e3a); older ones read it too.
  private static let schemaVersion = 42
  private static let height = 8
  private static let width = 12

  var text: String { SealedText.seal(json.text) }

  private var panels: [PanelQuery.Panel] {
    PanelQuery.Panel.allCases.filter { panel in sources.contains { $0.panels.contains { $0.panel == panel } } }
  }

  private var json: JSONValue {
    .members([
      ("uid", "poolops-pools"), ("title", "Connection pools"),
      ("description", .string("Written by \(SealedText.blank). Changes are lost when it is rendered again.")),
      ("tags", ["poolops", "postgresql"]), ("schemaVersion", .integer(Self.schemaVersion)), ("version", 1),
      ("editable", true), ("graphTooltip", 1), ("refresh", "30s"), ("timezone", "browser"),
      ("time", .members([("from", "now-1h"), ("to", "now")])),
      ("links", .array(links)), ("annotations", .members([("list", [firings])])),
      ("templating", .members([("list", [dataSource])])),
      ("panels", .array(panels.enumerated().map { panel($1, $0) })),
    ])
  }

  private var links: [JSONValue] {
    guard let runbook = plan.runbookLink else { return [] }
    return [
      .members([
        ("title", "Runbook"), ("type", "link"), ("url", .string(runbook)), ("icon", "doc"), ("targetBlank", true),
        ("asDropdown", false), ("includeVars", false), ("keepTime", false), ("tags", []),
        ("tooltip", "What to do when one of these alerts fires"),
      ])
    ]
  }

  private static let source: JSONValue = .members([("type", "prometheus"), ("uid", "${datasource}")])

  private var dataSource: JSONValue {
    .members([
      ("name", "datasource"), ("label", "Prometheus"), ("type", "datasource"), ("query", "prometheus"), ("hide", 0),
      ("refresh", 1), ("regex", ""), ("multi", false), ("includeAll", false), ("options", []),
      ("current", .members([])),
    ])
  }

  /// Alerts that fire, over every panel.
  private var firings: JSONValue {
    let names = AlertRule.Kind.allCases.map(\.name).joined(separator: "|")
    return .members([
      ("name", "Alerts"), ("datasource", Self.source), ("enable", true), ("hide", false), ("iconColor", "red"),
      ("expr", .string("ALERTS{alertname=~\"\(names)\", alertstate=\"firing\"}")), ("titleFormat", "{{alertname}}"),
      ("textFormat", "{{exporter}} {{instance}}"),
      ("step", .string(PromQL.duration(AlertTiming.milliseconds(plan.interval)))),
    ])
  }

  private func panel(_ panel: PanelQuery.Panel, _ index: Int) -> JSONValue {
    .members([
      ("id", .integer(index + 1)), ("type", "timeseries"), ("title", .string(panel.title)),
      ("description", .string(panel.description)), ("datasource", Self.source),
      (
        "gridPos",
        .members([
          ("h", .integer(Self.height)), ("w", .integer(Self.width)), ("x", .integer(index % 2 * Self.width)),
          ("y", .integer(index / 2 * Self.height)),
        ])
      ),
      ("targets", .array(queries(panel).enumerated().map(target))), ("fieldConfig", fields(panel)),
      (
        "options",
        .members([
          (
            "legend", .members([("displayMode", "list"), ("placement", "bottom"), ("showLegend", true), ("calcs", [])])
          ),
          ("tooltip", .members([("mode", "multi"), ("sort", "desc")])),
        ])
      ),
    ])
  }

  private func queries(_ panel: PanelQuery.Panel) -> [PanelQuery] {
    sources.flatMap(\.panels).filter { $0.panel == panel }
  }

  private func target(_ index: Int, _ query: PanelQuery) -> JSONValue {
    .members([
      ("refId", .string(Self.letters(index))), ("datasource", Self.source), ("expr", .string(query.expression)),
      ("legendFormat", .string(query.legend)), ("editorMode", "code"), ("range", true),
    ])
  }

  /// A, B, ... Z, AA, AB ...
  static func letters(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? last : letters(index / 26 - 1) + last
  }

  private func fields(_ panel: PanelQuery.Panel) -> JSONValue {
    let lines = thresholds(panel)
    return .members([
      (
        "defaults",
        .members([
          ("unit", .string(panel.unit)), ("min", 0),
          (
            "custom",
            .members([
              ("lineWidth", 1), ("fillOpacity", 0), ("showPoints", "never"), ("spanNulls", false),
              ("thresholdsStyle", .members([("mode", .string(lines.isEmpty ? "off" : "dashed"))])),
            ])
          ),
          (
            "thresholds",
            .members([
              ("mode", "absolute"),
              ("steps", .array([.members([("color", "green"), ("value", nil)])] + lines)),
            ])
          ),
        ])
      ), ("overrides", []),
    ])
  }

  /// Where the alerts fire, if that is one value for all that the panel shows.
  private func thresholds(_ panel: PanelQuery.Panel) -> [JSONValue] {
    let shown = sources.filter { $0.panels.contains { $0.panel == panel } }
    let timeouts = Set(shown.map { plan.timing(of: $0).acquireTimeout })
    guard panel == .oldestWait, timeouts.count == 1, let timing = shown.first.map(plan.timing) else { return [] }
    return [
      ("yellow", timing.share(AlertTiming.warningShare)), ("orange", timing.share(AlertTiming.alertShare)),
      ("red", timing.acquireTimeout),
    ].map { .members([("color", .string($0)), ("value", .number(Double($1) / 1000))]) }
  }
}

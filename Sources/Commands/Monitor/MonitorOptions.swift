import Arguments
import Model
import Monitor

/// What is watched, how often, and for how long.
struct MonitorOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Watch what an experiment names: its staging, pooler and gauges.", valueName: "name"))
  var experiment: String?
  @Option(help: ArgumentHelp("From one sample to the next.", valueName: "duration"))
  var interval: Duration = .seconds(1)
  @Option(
    help: ArgumentHelp("Longest wait for a connection, of pools that do not tell theirs.", valueName: "duration"))
  var acquireTimeout: Duration?
  @Option(
    name: .customLong("token-env"),
    help: ArgumentHelp("Environment variable with a bearer token for apps.", valueName: "name"))
  var tokenVariable: String?
  @Flag(help: "Look for one interval, print what was seen, and end.") var once = false
  @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "duration"))
  var duration: Duration?
  @Flag(help: "Keep it in the results file, ten seconds a row.") var record = false
  @Option(help: "How to print: text or nagios.") var format: MonitorFormat = .text
  @Option(help: "End with 2 at the first alert, or the first warning: alert or warning.") var exitOn: AlertThreshold?

  init() {}

  func validate() throws {
    guard interval >= .milliseconds(100), interval <= .seconds(3600) else {
      throw ValidationError("The value '\(interval.text)' is invalid for '--interval <duration>'. Give 100ms to 1h.")
    }
    if let acquireTimeout, acquireTimeout <= .zero {
      throw ValidationError("The value for '--acquire-timeout' must be above 0.")
    }
    if let duration, duration <= .zero { throw ValidationError("The value for '--for' must be above 0.") }
    if once, duration != nil { throw ValidationError("Give '--once' or '--for', not both.") }
  }

  var settings: MonitorMachine.Settings { .init(interval: interval, acquireTimeout: acquireTimeout) }

  /// nil: until somebody ends it. A plugin of Nagios must end.
  var time: Duration? { once || format == .nagios && duration == nil ? interval : duration }
}

/// Who is told of what changes.
struct MonitorAlerts: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "POST a JSON object to this URL at each change; or a variable that holds it.", valueName: "url"))
  var webhook: String?
  @Option(
    help: ArgumentHelp("Tell Prometheus's Alertmanager, such as http://127.0.0.1:9093.", valueName: "url"))
  var alertmanager: String?

  init() {}
}

enum MonitorFormat: String, CaseIterable, ExpressibleByArgument { case text, nagios }

enum AlertThreshold: String, CaseIterable, ExpressibleByArgument {
  case warning, alert
  var level: WarningLevel { self == .warning ? .warning : .alert }
}

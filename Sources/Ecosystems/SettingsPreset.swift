import Model

/// Settings to start from, each with its reason. They are a start, not a result: an experiment says what is right.
package enum SettingsPreset: String, CaseIterable, Hashable, Sendable {
  case development
  case production
  case highLoad = "high-load"

  /// What the preset is for, as a sentence without its full stop.
  package var purpose: String {
    switch self {
    case .development: "one person's machine: few connections, and faults that show at once"
    case .production: "a service of several instances: bounded waits, connections that are renewed"
    case .highLoad: "a service whose pool is busy all the time: a fixed size, and shedding instead of queueing"
    }
  }

  package struct Entry: Hashable, Sendable {
    package var key: SettingKey
    package var value: SettingValue
    package var reason: String
  }

  package var values: [SettingKey: SettingValue] {
    Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
  }

  package var entries: [Entry] {
    switch self {
    case .development: Self.developmentEntries
    case .production: Self.productionEntries
    case .highLoad: Self.highLoadEntries
    }
  }

  private static func entry(_ key: SettingKey, _ value: SettingValue, _ reason: String) -> Entry {
    Entry(key: key, value: value, reason: reason)
  }

  private static let developmentEntries = [
    entry(.maxSize, .count(5), "leaks and nested checkouts show early, and many programs share one server"),
    entry(.minSize, .count(0), "an idle program holds nothing"),
    entry(.acquireTimeout, .seconds(5), "a used-up pool is an error while you look, not a hang"),
    entry(.idleTimeout, .seconds(60), "connections go soon after the work"),
    entry(.maxLifetime, .seconds(1800), "the same as in production, so that it is exercised"),
    entry(.connectTimeout, .seconds(5), "a server that is not there is told at once"),
  ]

  private static let productionEntries = [
    entry(
      .maxSize, .count(10),
      "most pools' default; times processes, instances and a rollout's surge it must fit the server"),
    entry(.minSize, .count(2), "the first requests after a quiet time find a connection"),
    entry(.acquireTimeout, .seconds(10), "below the usual 30 s of a load balancer, so that the error is ours"),
    entry(.idleTimeout, .seconds(600), "longer than a quiet minute, shorter than what firewalls forget"),
    entry(
      .maxLifetime, .seconds(1800), "failovers, new addresses and grown backends are left behind within half an hour"),
    entry(.connectTimeout, .seconds(5), "a lost server is told before the wait for a connection runs out"),
  ]

  private static let highLoadEntries = [
    entry(
      .maxSize, .count(20), "a server's cores bound what runs at once: raise it only if an experiment shows a gain"),
    entry(.minSize, .count(20), "equal to the most: no connection is opened or closed under load"),
    entry(.acquireTimeout, .seconds(2), "who waited this long is better told to come back: goodput instead of a queue"),
    entry(.idleTimeout, .seconds(600), "only what is above the minimum, so nothing here"),
    entry(.maxLifetime, .seconds(1800), "renewed, but not so often that reconnecting is load"),
    entry(.connectTimeout, .seconds(5), "a lost server is told soon"),
    entry(.statementCache, .count(200), "hot statements are planned once; 0 behind a pooler that does not track them"),
  ]
}

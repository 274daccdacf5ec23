import Configuration
import Ecosystems
import Model

/// A value that somebody wants to find: `DB_CONNECTION_LIMIT=50`, as it is written, or `max_size=50`, whatever the
/// pool calls it.
package struct ExpectedValue: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  package var text: String { "\(name)=\(value)" }

  /// One place where the setting counts, and what it says there.
  package struct Sighting: Hashable, Sendable {
    package var found: String
    package var place: Place
    package var isExpected: Bool
  }

  /// Everywhere that it counts; empty: it is written nowhere.
  package func sightings(in landscape: Landscape) -> [Sighting] {
    var seen: Set<Sighting> = []
    let all = SettingKey(rawValue: name).map { neutral($0, landscape) } ?? written(landscape)
    return all.filter { seen.insert($0).inserted }
  }

  /// A finding for each place that says something else; one without a place where nothing says anything.
  package func findings(_ sightings: [Sighting]) -> [Finding] {
    guard !sightings.isEmpty else {
      return [Finding(.expectedValue, at: nil, "\(text) is expected, and \(name) is written nowhere")]
    }
    return sightings.filter { !$0.isExpected }.map {
      Finding(.expectedValue, at: $0.place, "\(name) is \($0.found), and \(value) is expected")
    }
  }

  private func neutral(_ key: SettingKey, _ landscape: Landscape) -> [Sighting] {
    landscape.pools.compactMap { pool in
      guard let setting = pool.settings[key] else { return nil }
      let found = setting.value?.text(for: key) ?? setting.written.text
      return Sighting(found: found, place: setting.written.place, isExpected: isSame(found, key))
    }
  }

  /// `30s` is `30000ms`.
  private func isSame(_ found: String, _ key: SettingKey) -> Bool {
    if case .duration = key.kind, let left = Duration(text: found), let right = Duration(text: value) {
      return left == right
    }
    return found == value
  }

  private func written(_ landscape: Landscape) -> [Sighting] {
    let groups =
      landscape.applications.map(\.settings) + landscape.poolers.map(\.pooler.settings)
      + landscape.servers.map(\.server.settings)
    return groups.compactMap { settings in
      guard let setting = settings.last(where: { $0.name == name }) else { return nil }
      return Sighting(found: setting.text, place: setting.place, isExpected: !setting.isSecret && setting.text == value)
    }
  }
}

extension AuditRule {
  package static let expectedValue = AuditRule(
    "expected-value", "Values are what --expect says", .critical,
    why: """
      Somebody who runs the audit wants this value and no other: a release was measured with it, or a runbook says so. \
      A value that changes without the run that justified it is a change that nobody tested.
      """)
}

internal import Glibc
import Configuration
import Ecosystems
import Model
import Postgres
import System

/// An app whose pool takes its settings from an env file when it starts.
///
/// A health check proves nothing of the pool: node-pg runs with 10 where it cannot read its maximum, and answers 200. What
/// counts is what the app, or the server under load, says of the pool.
package final class AppTarget: ChangeTarget {
  private let spec: AppTargetSpec
  private let values: PoolValues
  private let file: AppSettingsFile
  private let programs: TargetPrograms
  private let surroundings: TargetSurroundings
  /// Requests that may want a connection at once; nil: any number.
  private let demand: Int?
  package let locator: String

  private var session: Session?
  private var seen = SeenBackends()

  package init(
    _ spec: AppTargetSpec, _ values: PoolValues, demand: Int?, in surroundings: TargetSurroundings
  ) throws(StagingError) {
    self.spec = spec
    self.values = values
    self.demand = demand
    self.surroundings = surroundings
    locator = surroundings.path(spec.envFile)
    file = try AppSettingsFile(spec, path: locator, keys: values.keys, target: locator)
    programs = TargetPrograms(surroundings, locator: locator) { [file] in file.settings }
  }

  package var kind: String { "app" }

  package func preflight() throws(StagingError) {
    for arm in Arm.allCases { _ = try file.lines(of: values[arm]) }
    guard FileSystem.exists(locator) else {
      throw StagingError(
        .badValue, target: "app", setting: "the env file", wanted: "a file", path: locator)
    }
    _ = try file.snapshot()
    try requireWritable()
    try programs.require(spec.takesEffect.command)
    let guardian = ProductionGuard(surroundings.production)
    for address in try file.servers() { try guardian.check(address, target: locator) }
    let patience = min(spec.health?.timeout ?? spec.takesEffect.timeout, .seconds(5))
    try awaitHealth(within: patience, startedWith: nil)
    _ = try readBack(wanted: values[.baseline], within: patience, untilEqual: false)
  }

  /// The file is replaced, for which its folder must be writable.
  private func requireWritable() throws(StagingError) {
    let folder = FileSystem.parent(of: FileSystem.canonical(locator) ?? locator)
    guard access(folder, W_OK) == 0 else { throw StagingError(SystemFault("access", folder)) }
  }

  package func snapshot() throws(StagingError) -> String? { try file.snapshot() }

  package func planned(_ arm: Arm, over snapshot: String?) throws(StagingError) -> String {
    try file.planned(values[arm], over: snapshot)
  }

  package func apply(_ arm: Arm) throws(StagingError) {
    try file.write(values[arm])
    try activate()
  }

  package func revert(to snapshot: String?) throws(StagingError) {
    try file.restore(snapshot)
    try activate()
  }

  package func takeNotes() -> [String] { programs.takeNotes() }

  package func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce {
    let wanted = values[arm]
    let lines = try file.lines(of: wanted)
    let (read, settings) = try readBack(wanted: wanted, within: patience, untilEqual: true)
    return InForce(values: read + (try heldDifferences(from: lines)), settings: settings)
  }

  package func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce {
    let lines = SnapshotText(snapshot).lines
    let (read, _) = try readBack(wanted: settings(of: lines), within: patience, untilEqual: true, keys: keys(of: lines))
    return InForce(values: read + (try heldDifferences(from: lines)))
  }

  /// Where the file no longer says what was written: the next start of the app would take that.
  private func heldDifferences(from wanted: [SnapshotText.Line]) throws(StagingError) -> [InForce.Value] {
    let held = SnapshotText(try file.snapshot()).lines
    return Set(wanted.map(\.name)).union(held.map(\.name)).sorted().compactMap { name in
      let (old, new) = (held.first { $0.name == name }?.value, wanted.first { $0.name == name }?.value)
      guard old != new else { return nil }
      return InForce.Value(name: name, wanted: new ?? "not set", found: old ?? "not set", source: locator)
    }
  }

  private func settings(of lines: [SnapshotText.Line]) -> PoolSettings {
    var settings = PoolSettings()
    for key in values.keys { if let value = value(of: key, in: lines) { settings[key] = value } }
    return settings
  }

  /// The keys whose value the lines say; of the others the app's own default is not known.
  private func keys(of lines: [SnapshotText.Line]) -> Set<SettingKey> {
    Set(values.keys.filter { value(of: $0, in: lines) != nil })
  }

  private func value(of key: SettingKey, in lines: [SnapshotText.Line]) -> SettingValue? {
    let name = file.name(of: key)
    return lines.first { $0.name == name }.flatMap { file.place(of: key)?.value($0.value, for: key) }
  }
}

// Making it work.
extension AppTarget {
  private func activate() throws(StagingError) {
    seen = SeenBackends()
    try programs.run(spec.takesEffect.command, within: spec.takesEffect.timeout)
    try awaitHealth(within: spec.health?.timeout ?? spec.takesEffect.timeout, startedWith: written)
  }

  /// Asks until the app answers as it should; without a health check, until its pool's endpoint answers at all.
  /// - Parameter values: what it was just started with; nil: it was not.
  private func awaitHealth(within limit: Duration, startedWith values: String?) throws(StagingError) {
    guard let (url, status) = healthPlace else { return }
    let end = ContinuousClock.now + limit
    var pause = Duration.milliseconds(20)
    while true {
      let last = ask(url, status, by: end)
      guard let last else { return }
      guard ContinuousClock.now + pause < end else { throw fault(of: last, url, status, limit, values) }
      usleep(UInt32(pause.wholeMilliseconds * 1000))
      pause = min(pause * 2, .milliseconds(500))
    }
  }

  private var healthPlace: (url: AppURL, status: Int)? {
    if let health = spec.health { return (health.url, health.status) }
    if case .endpoint(let url, _) = spec.readBack { return (url, 200) }
    return nil
  }

  private enum Unwell {
    case answered(Int)
    case fault(FetchFault)
  }

  /// nil: it is well.
  private func ask(_ url: AppURL, _ status: Int, by end: ContinuousClock.Instant) -> Unwell? {
    do throws(FetchFault) {
      let limit = min(max(end - .now, .milliseconds(200)), .seconds(5))
      let answer = try fetch(url, within: limit)
      return answer.status == status ? nil : .answered(answer.status)
    } catch {
      return .fault(error)
    }
  }

  private func fetch(_ url: AppURL, within limit: Duration) throws(FetchFault) -> FetchedAnswer {
    switch url {
    case .text(let text): return try surroundings.fetch.get(text, within: limit)
    case .environment(let name):
      guard let text = surroundings.variables[name], !text.isEmpty else {
        throw FetchFault(.other, "the environment variable \(name) is not set")
      }
      return try surroundings.fetch.get(text, within: limit)
    }
  }

  private func fault(
    of last: Unwell, _ url: AppURL, _ status: Int, _ limit: Duration, _ values: String?
  ) -> StagingError {
    let place = url.shown
    func fault(_ code: StagingError.Code, _ found: String) -> StagingError {
      StagingError(code, target: locator, setting: values, found: found, path: place)
    }
    switch last {
    case .answered(let other):
      return fault(.appDown, "\(place) answers with status \(other) for \(limit.text), and \(status) is wanted")
    case .fault(let last):
      switch last.code {
      case .refused: return fault(.appDown, "no connection to \(place) for \(limit.text)")
      case .hangs: return fault(.appHangs, "\(place) takes connections and does not answer within \(limit.text)")
      case .other: return fault(.appDown, "\(place) cannot be asked: \(Redaction.text(last.reason))")
      }
    }
  }

  /// What the file holds of the tuned settings: what the app was started with.
  private var written: String? {
    let lines = SnapshotText(try? file.snapshot()).lines
    return lines.isEmpty ? nil : lines.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
  }
}

// Reading back.
extension AppTarget {
  private typealias Reading = (values: [InForce.Value], settings: PoolSettings)

  /// - Parameter keys: those whose wanted value is known; the app may be asked for others.
  private func readBack(
    wanted: PoolSettings, within patience: Duration, untilEqual: Bool, keys: Set<SettingKey>? = nil
  ) throws(StagingError) -> Reading {
    let keys = keys ?? Set(values.keys)
    switch spec.readBack {
    case .endpoint(let url, let places):
      let end = ContinuousClock.now + patience
      while true {
        let reading = try readEndpoint(url, places, wanted, keys, by: end)
        let isEqual = reading.values.allSatisfy { !$0.isDifferent }
        if isEqual || !untilEqual || ContinuousClock.now + .milliseconds(100) > end { return reading }
        usleep(100_000)
      }
    case .backends(let name):
      return (try countBackends(name, wanted, keys), wanted)
    }
  }

  private func readEndpoint(
    _ url: AppURL, _ places: [SettingKey: GaugePlace], _ wanted: PoolSettings, _ keys: Set<SettingKey>,
    by end: ContinuousClock.Instant
  ) throws(StagingError) -> Reading {
    let body = try answer(of: url, by: end)
    var settings = wanted
    var read: [InForce.Value] = []
    for key in values.keys {
      guard keys.contains(key) else { continue }
      let text = try written(wanted[key], key)
      guard let place = places[key] else {
        read.append(InForce.Value(name: file.name(of: key), wanted: text, found: nil, source: url.shown))
        continue
      }
      guard let told = surroundings.fetch.value(at: place, in: body) else {
        throw StagingError(
          .unreadable, target: locator, setting: key.rawValue, wanted: place.text, path: url.shown)
      }
      let value = file.place(of: key)?.value(told, for: key)
      if let value { settings[key] = value }
      let found = value == wanted[key] ? text : try value.map { value throws(StagingError) in try written(value, key) }
      read.append(
        InForce.Value(
          name: file.name(of: key), wanted: text, found: found ?? String(Redaction.text(told).prefix(40)),
          source: url.shown))
    }
    return (read, settings)
  }

  /// A value as the app's file would have it; in neutral words where it cannot say it.
  private func written(_ value: SettingValue, _ key: SettingKey) throws(StagingError) -> String {
    guard case .success(let lines) = file.place(of: key)?.written(value, for: key), let first = lines.first else {
      return value.text(for: key)
    }
    return first.value
  }

  private func answer(of url: AppURL, by end: ContinuousClock.Instant) throws(StagingError) -> String {
    let start = ContinuousClock.now
    while true {
      let last: Unwell
      do throws(FetchFault) {
        let limit = min(max(end - .now, .milliseconds(500)), .seconds(5))
        let answer = try fetch(url, within: limit)
        if answer.status == 200 { return answer.body }
        last = .answered(answer.status)
      } catch {
        last = .fault(error)
      }
      guard ContinuousClock.now + .milliseconds(100) < end else {
        throw fault(of: last, url, 200, .seconds((ContinuousClock.now - start).seconds.rounded(.up)), nil)
      }
      usleep(100_000)
    }
  }

  /// The server sees what is open, not what may be: fewer than wanted is only told apart from a lower maximum where all of
  /// them are busy, look after look, while more requests are on the way.
  private func countBackends(
    _ name: String, _ wanted: PoolSettings, _ keys: Set<SettingKey>
  ) throws(StagingError) -> [InForce.Value] {
    try look(for: name)
    let source = "pg_stat_activity of '\(name)'"
    return try values.keys.filter(keys.contains).map { key throws(StagingError) in
      let text = try written(wanted[key], key)
      let name = file.name(of: key)
      guard key == .maxSize, seen.most > 0 else {
        return InForce.Value(name: name, wanted: text, found: nil, source: source)
      }
      let isLimit = seen.isLimit && (demand.map { $0 > seen.most } ?? true)
      return InForce.Value(
        name: name, wanted: "\(wanted.maxSize)", found: "\(seen.most)", source: source,
        match: isLimit ? .equal : .atMost)
    }
  }

  private func look(for name: String) throws(StagingError) {
    guard let staging = surroundings.staging else { return }
    if session?.isOpen != true {
      let info = try staging()
      session = try forStaging(locator) { () throws(PostgresError) in try Session(info) }
    }
    guard let session else { return }
    let rows = try forStaging(locator) { () throws(PostgresError) in
      try session.query(
        """
        SELECT count(*) AS open, count(*) FILTER (WHERE state <> 'idle') AS busy, count(*) FILTER (WHERE state IS NULL) AS unseen
        FROM pg_stat_activity WHERE application_name = $1 AND (backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL)
        """, [name])
    }
    func count(_ column: String) -> Int { rows[0, column].flatMap { Int($0) } ?? 0 }
    guard count("unseen") == 0 else {
      let user = session.info["user"] ?? "the role"
      throw StagingError(
        .missingRight, target: locator, setting: "other roles' sessions, nor see them",
        wanted: "as a superuser: GRANT pg_read_all_stats TO \(user);", found: user)
    }
    seen.add(open: count("open"), busy: count("busy"))
  }
}

/// What a server saw of an app's backends since the app was started.
struct SeenBackends: Hashable {
  private(set) var most = 0
  private var looks = 0
  private var full = 0

  mutating func add(open: Int, busy: Int) {
    if open > most { self = SeenBackends(most: open) }
    guard open > 0 else { return }
    looks += 1
    if open == most, busy == open { full += 1 }
  }

  /// All of them were busy at nearly every look, and there were never more.
  var isLimit: Bool { looks >= 10 && full * 5 >= looks * 4 }

  private init(most: Int) { self.most = most }
  init() {}
}

internal import Glibc
import Configuration
import Ecosystems
import Model
import Postgres
import System

/// The settings of a running PgBouncer, by SET on its console or by its file and RELOAD.
///
/// Its answers prove nothing: it says RELOAD to a file with a fault in it, and lets the bad line and all that follows fall back to
/// defaults; SET of a smaller size leaves the connections of a busy pool open. So everything is read back.
package final class PgBouncerTarget: ChangeTarget {
  private let spec: PgBouncerTargetSpec
  private let wanted: TargetValues
  private let console: PgBouncerConsole
  private let ini: String?
  private let production: ProductionGuard

  package init(
    _ spec: PgBouncerTargetSpec, _ values: TargetValues, in surroundings: TargetSurroundings
  ) throws(StagingError) {
    self.spec = spec
    wanted = values
    console = PgBouncerConsole(try surroundings.connection(fromVariable: spec.consoleVariable))
    ini = spec.method == .file ? spec.ini.map(surroundings.path) : nil
    production = ProductionGuard(surroundings.production)
  }

  package var kind: String { "pgbouncer" }
  package var locator: String { console.locator + (spec.database.map { "/\($0)" } ?? "") }

  private typealias Lines = [SnapshotText.Line]

  package func preflight() throws(StagingError) {
    try production.check(console.info, target: console.title)
    for database in try console.databases() where spec.database == nil || spec.database == database.name {
      try production.check(
        host: database.host ?? "localhost", port: database.port, database: database.database, target: console.title)
    }
    let held = try console.settings()
    for name in try names() {
      guard let setting = held.first(where: { $0.key == name }) else { throw unknown(name, held) }
      guard setting.isChangeable else {
        throw StagingError(.needsRestart, target: console.title, setting: name)
      }
    }
    for arm in Arm.allCases { _ = try lines(of: arm) }
    // The same value again: nothing changes, and whoever may not do it is told so now.
    if let first = held.first(where: { $0.key == "default_pool_size" }) { try console.set(first.key, first.value) }
    if let ini { try checkFile(ini, held) }
  }

  private func unknown(_ name: String, _ held: [PgBouncerConsole.Setting]) -> StagingError {
    let near = nearest(to: name, in: held.map(\.key)).map { "; did you mean '\($0)'?" } ?? ""
    return StagingError(
      .inexpressible, target: console.title, setting: name, wanted: "a setting of SHOW CONFIG\(near)", found: "a value")
  }

  package func snapshot() throws(StagingError) -> String? {
    if let ini { return try read(ini).map { text throws(StagingError) in try snapshot(of: text, ini) } }
    let held = try console.settings()
    let lines = try names().compactMap { name in
      held.first { $0.key == name }.map { SnapshotText.Line(name: name, value: Self.canonical($0.value)) }
    }
    return try SnapshotText(lines).kept(console.title, "SHOW CONFIG")
  }

  package func planned(_ arm: Arm, over snapshot: String?) throws(StagingError) -> String {
    let all = SnapshotText(try lines(of: arm) + SnapshotText(snapshot).lines)
    return SnapshotText(try names().compactMap { name in all.lines.first { $0.name == name } }).text
  }

  package func apply(_ arm: Arm) throws(StagingError) { try give(try lines(of: arm), removing: []) }

  package func revert(to snapshot: String?) throws(StagingError) {
    let lines = SnapshotText(snapshot).lines
    try give(lines, removing: try names().filter { name in !lines.contains { $0.name == name } })
  }

  package func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce {
    try readBack(try lines(of: arm), within: patience, wanted.pool?[arm])
  }

  /// Of a file that was silent, the default counts.
  package func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce {
    var expected = SnapshotText(snapshot).lines
    for setting in try console.settings() {
      guard try names().contains(setting.key), !expected.contains(where: { $0.name == setting.key }) else { continue }
      if let standard = setting.standard { expected.append(.init(name: setting.key, value: standard)) }
    }
    var read = try readBack(expected, within: patience, nil)
    let held = try self.snapshot()
    if held != snapshot {
      read.values.append(
        InForce.Value(
          name: "settings", wanted: snapshot ?? "no file", found: held ?? "no file", source: ini ?? "SHOW CONFIG"))
    }
    return read
  }
}

// Values.
extension PgBouncerTarget {
  /// The neutral settings in the words of the version that runs; its own values as they are.
  private func lines(of arm: Arm) throws(StagingError) -> Lines {
    switch wanted {
    case .own(let own):
      return own.values(of: arm).sorted { $0.key < $1.key }.map { .init(name: $0.key, value: Self.canonical($0.value)) }
    case .pool(let values):
      var lines: Lines = []
      for key in values.keys { lines += try self.lines(key, values[arm][key]) }
      return lines
    }
  }

  private func lines(_ key: SettingKey, _ value: SettingValue) throws(StagingError) -> Lines {
    let written = try dialects().write([key: value])
    if let loss = written.losses.first {
      throw StagingError(
        .inexpressible, target: console.title, setting: key.rawValue, wanted: "what it can say",
        found: value.text(for: key), reason: loss.text)
    }
    return written.lines.map { .init(name: $0.name, value: Self.canonical($0.value)) }
  }

  private func dialects() throws(StagingError) -> Ecosystem {
    let version = try console.version()
    let tables = Ecosystem.all.filter { $0.versions.library == "PgBouncer" }
    guard let table = tables.first(where: { $0.versions.contains(version) }) else {
      preconditionFailure("the tables of PgBouncer leave out no version")
    }
    return table
  }

  private func names() throws(StagingError) -> [String] {
    switch wanted {
    case .own(let own): return own.names
    case .pool(let values):
      let table = try dialects()
      return values.keys.compactMap { table.dialect(of: $0)?.name }
    }
  }

  /// One spelling for each number.
  private static func canonical(_ text: String) -> String {
    Double(text).map { decimal($0, places: 6) } ?? text
  }
}

// Acting.
extension PgBouncerTarget {
  private func give(_ lines: Lines, removing: [String]) throws(StagingError) {
    let before = try console.settings()
    if let ini {
      try rewrite(ini, lines, removing: removing, before)
    } else {
      for line in lines { try console.set(line.name, line.value) }
    }
    guard shrinks(before, try console.settings()) else { return }
    try console.reconnect(spec.database)
  }

  private static let sizes = ["default_pool_size", "reserve_pool_size", "max_db_connections", "max_user_connections"]

  private func shrinks(_ before: [PgBouncerConsole.Setting], _ after: [PgBouncerConsole.Setting]) -> Bool {
    func size(_ name: String, _ settings: [PgBouncerConsole.Setting]) -> Int {
      let size = settings.first { $0.key == name }.flatMap { Int($0.value) } ?? 0
      return size == 0 && name.hasPrefix("max_") ? .max : size
    }
    return Self.sizes.contains { size($0, after) < size($0, before) }
  }

  /// Edits the file, reloads it, and looks at everything: whatever else changed was not wanted, and the file goes back.
  private func rewrite(
    _ path: String, _ lines: Lines, removing: [String], _ before: [PgBouncerConsole.Setting]
  ) throws(StagingError) {
    FileSystem.removeLeftover(of: path)
    guard let old = try read(path) else { throw missing(path) }
    var text = IniText(old)
    for line in lines where text.value(of: line.name).map({ Self.canonical($0.value) }) != line.value {
      guard text.set(line.name, to: line.value) else { throw fault("there is no [pgbouncer] section", path, nil) }
    }
    for name in removing { text.remove(name) }
    try write(text.text, path)
    try console.ask("RELOAD")
    let own = Set(lines.map(\.name) + removing)
    guard let changed = firstStranger(before, try settled(lines), except: own) else { return }
    try write(old, path)
    try console.ask("RELOAD")
    throw changed
  }

  /// RELOAD is carried out before it is answered; a version that should put it off gets a little time.
  private func settled(_ lines: Lines) throws(StagingError) -> [PgBouncerConsole.Setting] {
    for _ in 0..<10 {
      let now = try console.settings()
      let isThere = lines.allSatisfy { line in
        now.contains { $0.key == line.name && isSamePgBouncerValue($0.value, line.value) }
      }
      if isThere { return now }
      usleep(20_000)
    }
    return try console.settings()
  }

  private func firstStranger(
    _ before: [PgBouncerConsole.Setting], _ after: [PgBouncerConsole.Setting], except own: Set<String>
  ) -> StagingError? {
    var found: [(key: String, old: String, new: String)] = []
    for setting in after where !own.contains(setting.key) {
      guard let old = before.first(where: { $0.key == setting.key })?.value, old != setting.value else { continue }
      found.append((setting.key, old, setting.value))
    }
    guard let first = found.first else { return nil }
    let others = found.dropFirst().map { "\($0.key) from \(Redaction.text($0.old)) to \(Redaction.text($0.new))" }
    return StagingError(
      .reloadChangedMore, target: console.title, setting: first.key, wanted: Redaction.text(first.old),
      found: Redaction.text(first.new), path: ini, reason: others.isEmpty ? nil : others.joined(separator: "; "))
  }
}

// The file.
extension PgBouncerTarget {
  private func read(_ path: String) throws(StagingError) -> String? {
    let bytes = try forStaging { () throws(SystemFault) in try FileSystem.bytes(of: path) }
    guard let bytes else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("it is no UTF-8", path, nil) }
    return text
  }

  private func write(_ text: String, _ path: String) throws(StagingError) {
    try forStaging { () throws(SystemFault) in try FileSystem.replace(path, with: Array(text.utf8)) }
  }

  private func snapshot(of text: String, _ path: String) throws(StagingError) -> String {
    let file = IniText(text)
    let lines = try names().compactMap { name in
      file.value(of: name).map { SnapshotText.Line(name: name, value: Self.canonical($0.value)) }
    }
    return try SnapshotText(lines).kept(console.title, path)
  }

  private func missing(_ path: String) -> StagingError {
    StagingError(.badValue, target: console.title, setting: "ini", wanted: "a file", found: "none", path: path)
  }

  private func fault(_ reason: String, _ path: String, _ line: Int?) -> StagingError {
    StagingError(.badFile, target: console.title, path: path, line: line, reason: reason)
  }

  /// A RELOAD must be able to change what is wanted and nothing else: no fault in the file, and all of it in force already.
  private func checkFile(_ path: String, _ held: [PgBouncerConsole.Setting]) throws(StagingError) {
    guard let text = try read(path) else { throw missing(path) }
    let running = held.first { $0.key == "conffile" }?.value ?? ""
    if running.hasPrefix("/"), FileSystem.canonical(running) != FileSystem.canonical(path) {
      throw fault("this PgBouncer reads \(running)", path, nil)
    }
    let version = try console.version()
    let release = version.count >= 2 ? (major: version[0], minor: version[1]) : nil
    let file = PgBouncerIni.read(Array(text.utf8), path: path, release: release) { other in
      (try? FileSystem.bytes(of: other)) ?? nil
    }
    if let remark = file.remarks.first(where: { $0.weight == .fault }) {
      throw fault(
        "\(remark.text); a RELOAD would set it and all that follows to defaults", remark.place.file, remark.place.line)
    }
    try compare(file.poolers.first?.settings ?? [], held, path)
  }

  private func compare(
    _ written: [Configuration.Written], _ held: [PgBouncerConsole.Setting], _ path: String
  ) throws(StagingError) {
    let own = Set(try names())
    for setting in held where setting.isChangeable && !["conffile", "verbose"].contains(setting.key) {
      let line = written.last { $0.name == setting.key }
      if let line, own.contains(setting.key), line.place.file != path {
        throw fault(
          "\(setting.key) is set there, which the experiment's ini includes", line.place.file, line.place.line)
      }
      guard let expected = line?.text ?? setting.standard, line?.isSecret != true else { continue }
      if isSamePgBouncerValue(expected, setting.value) || Redaction.text(setting.value) == expected { continue }
      let now = Redaction.text(setting.value)
      throw fault(
        "a RELOAD would change \(setting.key) from \(now), which is in force, to \(expected)", line?.place.file ?? path,
        line?.place.line)
    }
  }
}

// Reading back.
extension PgBouncerTarget {
  private func readBack(
    _ expected: Lines, within patience: Duration, _ settings: PoolSettings?
  ) throws(StagingError) -> InForce {
    let end = ContinuousClock.now + patience
    while true {
      let found = try look(expected, settings)
      if found.differences.isEmpty || ContinuousClock.now + .milliseconds(50) > end { return found }
      usleep(50_000)
    }
  }

  private func look(_ expected: Lines, _ settings: PoolSettings?) throws(StagingError) -> InForce {
    let held = try console.settings()
    var values = expected.map { line in
      let (name, wanted) = (line.name, line.value)
      let value = held.first { $0.key == name }?.value
      return InForce.Value(
        name: name, wanted: wanted, found: value.map { isSamePgBouncerValue($0, wanted) ? wanted : $0 },
        source: "SHOW CONFIG")
    }
    if let size = expected.first(where: { $0.name == "default_pool_size" }).flatMap({ Int($0.value) }), size > 0 {
      let reserve = held.first { $0.key == "reserve_pool_size" }.flatMap { Int($0.value) } ?? 0
      values += try sizes(size, reserve)
    }
    return InForce(
      values: values, settings: try settings.map { found throws(StagingError) in try read(held, over: found) })
  }

  /// The size of the database, which its own line may set, and the connections that are open.
  private func sizes(_ size: Int, _ reserve: Int) throws(StagingError) -> [InForce.Value] {
    var values: [InForce.Value] = []
    if let name = spec.database {
      let size = "\(size)"
      let found = try console.databases().first { $0.name == name }?.poolSize
      values.append(
        InForce.Value(
          name: "pool_size of \(name)", wanted: size, found: found.map { "\($0)" }, source: "SHOW DATABASES"))
    }
    for (pool, servers) in try console.servers(of: spec.database) {
      values.append(
        InForce.Value(
          name: "server connections of \(pool)", wanted: "\(size + reserve)", found: "\(servers)", source: "SHOW POOLS",
          match: .atMost))
    }
    return values
  }

  private func read(_ held: [PgBouncerConsole.Setting], over wanted: PoolSettings) throws(StagingError) -> PoolSettings
  {
    guard case .pool(let values) = self.wanted else { return wanted }
    let table = try dialects()
    var settings = wanted
    for key in values.keys {
      guard let dialect = table.dialect(of: key), let text = held.first(where: { $0.key == dialect.name })?.value,
        case .value(let value) = dialect.read(text, as: key)
      else { continue }
      settings[key] = value
    }
    return settings
  }
}

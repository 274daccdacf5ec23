import CPlatform
import Glibc
import Postgres
import TestSupport
import Testing

@testable import Staging

struct GuardAndLockTests {
  @Test func `a database that bears the mark is staging, by its name`() throws {
    let session = try Session(TestCluster.running().connection)
    #expect(try StagingGuard().check(session, place: "the embedded staging") == "embedded")
  }

  @Test func `a database without the mark is refused, whatever the connection claims, with what to type`() throws {
    var info = try TestCluster.running().admin
    info["dbname"] = "postgres"
    info["options"] = "-c poolops.staging=faked"
    let session = try Session(info)
    #expect(try session.query("SELECT current_setting('poolops.staging', true)").scalar == "faked")
    let error = #expect(throws: StagingError.self) { try StagingGuard().check(session, place: "STAGING_URL") }
    #expect(error?.code == .notStaging)
    #expect(error?.hint?.contains("ALTER DATABASE \"postgres\" SET poolops.staging = 'staging';") == true)
  }

  @Test func `the statement of the hint marks the database, also one with a strange name`() throws {
    let admin = try TestCluster.admin()
    let name = "o'brien \"x\" \(getpid())"
    let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
    try admin.execute("CREATE DATABASE \(quoted)", within: .seconds(30))
    var info = try TestCluster.running().admin
    info["dbname"] = name
    let session = try Session(info)
    #expect(try StagingMark.name(in: session) == nil)
    try session.execute(StagingMark.statement(database: name, name: "it's"))
    #expect(try StagingGuard().check(session, place: "x") == "it's")
    session.close()
    try admin.execute("DROP DATABASE \(quoted) WITH (FORCE)", within: .seconds(30))
  }

  @Test(arguments: [nil, "", "postgres://app:hunter2@[", "port=1 pass word=hunter2"])
  func `a variable without a URL is refused, and no password shown`(value: String?) throws {
    let variable = "POOLOPS_TEST_URL_\(value?.utf8.count ?? 0)"
    if let value { setenv(variable, value, 1) }
    let error = #expect(throws: StagingError.self) { try StagingGuard.connection(fromVariable: variable) }
    #expect(error?.code == .badURL && error?.target == variable)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test(arguments: [
    ("mysql://u:hunter2@h/d", "it begins with mysql://, not with postgresql://"),
    ("postgresql+asyncpg://u:hunter2@h/d", "it begins with postgresql+asyncpg://, not with postgresql://"),
    ("hunter2://u@h/d", "it begins with another scheme, not with postgresql://"),
  ]) func `a URL of something else is named as such`(text: String, reason: String) {
    let error = #expect(throws: StagingError.self) { try StagingGuard.connection(fromVariable: "V", in: ["V": text]) }
    #expect(error?.code == .badURL && error?.reason == reason)
  }

  @Test func `one holder of the database's lock at a time, and the next one when its session ends`() throws {
    let running = try TestCluster.running()
    let folders = [TemporaryFolder(), TemporaryFolder()]
    let first = try StagingLock(folder: folders[0].path)
    let session = try Session(running.admin)
    try first.hold(session)
    let second = try StagingLock(folder: folders[1].path)
    let other = try Session(running.admin)
    let error = #expect(throws: StagingError.self) { try second.hold(other) }
    #expect(error?.code == .locked)
    #expect(error?.description.contains("server process \(session.serverPID)") == true)
    session.close()
    var isHeld = false
    for _ in 0..<100 where !isHeld {
      isHeld = (try? second.hold(other)) != nil
      usleep(10_000)
    }
    #expect(isHeld)
    withExtendedLifetime((first, second)) {}
  }

  @Test func `one process at a time works with a folder, and the error names it`() throws {
    let folder = TemporaryFolder()
    #expect(StagingLock.holder(in: folder.path) == nil)
    var lock: StagingLock? = try StagingLock(folder: folder.path)
    #expect(lock != nil && StagingLock.holder(in: folder.path) == getpid())
    let error = #expect(throws: StagingError.self) { try StagingLock(folder: folder.path) }
    #expect(error?.code == .locked && error?.pid == getpid())
    lock = nil
    #expect(StagingLock.holder(in: folder.path) == nil)
  }
}

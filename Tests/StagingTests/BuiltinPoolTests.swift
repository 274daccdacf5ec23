import Glibc
import Model
import TestSupport
import Testing

@testable import Staging
import System

struct BuiltinPoolTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.path + "/app.env" }
  private static let keys: [SettingKey] = [.statementCache, .maxSize, .acquireTimeout]
  private var target: BuiltinPoolTarget { BuiltinPoolTarget(envFile: path, keys: Self.keys) }

  private static let change: PoolSettings = {
    var settings = PoolSettings()
    settings.maxSize = 50
    settings.acquireTimeout = .milliseconds(340)
    settings.statementCache = 200
    return settings
  }()

  /// nil: the file is not there.
  private static let shapes: [String?] = [
    nil, "", "\n", "A=1", "A=1\n", "A=1\r\nB=2\r\n", "A=1\r\nB=2", "# only a comment", "\n\n# c\n\n",
    "DB_CONNECTION_LIMIT=20\nDB_POOL_TIMEOUT=20\nDB_STATEMENT_CACHE_SIZE=100\n",
    "DB_CONNECTION_LIMIT=20\nDB_POOL_TIMEOUT=20\nDB_STATEMENT_CACHE_SIZE=100",
    "DATABASE_URL=postgres://app:hunter2@db/app\nDB_POOL_TIMEOUT=20\nOTHER=x\nDB_CONNECTION_LIMIT=20\n",
    "export DB_CONNECTION_LIMIT=20\nexport A='b c'\n", "  DB_CONNECTION_LIMIT = \"20\"  # was 10\nA=1",
    "DB_CONNECTION_LIMIT='20'", "DB_CONNECTION_LIMIT=20 # note\r\nA=1\r\n",
    "DB_CONNECTION_LIMIT=10\nA=1\nDB_CONNECTION_LIMIT=20\n", "DB_CONNECTION_LIMIT=10\nDB_CONNECTION_LIMIT=20",
    "#DB_CONNECTION_LIMIT=20\nDB_CONNECTION_LIMIT=\n", "DB_CONNECTION_LIMIT=\nX=\n",
    "KEY=\"-----BEGIN\nDB_CONNECTION_LIMIT=1\n-----END\"\nDB_CONNECTION_LIMIT=20\n",
    "KEY='never closed\nDB_CONNECTION_LIMIT=20\n", "not an assignment\n=x\n1A=2\nA B=3\nDB_CONNECTION_LIMIT=20",
    "\u{FEFF}A=1\nÄ=ö\nDB_POOL_TIMEOUT=1\n", "DB_POOL_TIMEOUT=1\n\n\n", "A=1\rB=2\nDB_POOL_TIMEOUT=20\r\n",
    "DB_CONNECTION_LIMIT_OLD=5\nMY_DB_CONNECTION_LIMIT=6\n", "DB_STATEMENT_CACHE_SIZE=1\nDB_POOL_TIMEOUT=2",
  ]

  private func write(_ text: String?) throws {
    if let text { try FileSystem.replace(path, with: Array(text.utf8)) } else { try FileSystem.remove(path) }
  }

  private func bytes() throws -> [UInt8]? { try FileSystem.bytes(of: path) }

  @Test(arguments: shapes) func `apply puts the change in force, and restore gives the file back byte for byte`(
    shape: String?
  ) throws {
    try write(shape)
    let before = try target.snapshot()
    #expect((before == nil) == (shape == nil))
    let planned = target.planned(Self.change, over: before)
    try target.apply(Self.change)
    #expect(try target.snapshot() == planned)
    #expect(try target.effectiveSettings() == Self.change)
    try target.apply(Self.change)
    #expect(try target.snapshot() == planned, "a second apply changes nothing")
    try target.restore(before)
    #expect(try bytes() == shape.map { Array($0.utf8) })
    #expect(try target.snapshot() == before)
    try target.restore(before)
    #expect(try bytes() == shape.map { Array($0.utf8) }, "nor does a second restore")
    #expect(Set(BuiltinPoolTarget.keys(in: [before, planned])) == Set(Self.keys))
  }

  @Test func `what others write meanwhile stays`() throws {
    try write("A=1\nDB_POOL_TIMEOUT=20\n")
    let before = try target.snapshot()
    try target.apply(Self.change)
    let text = try #require(FileSystem.text(of: path))
    try write("# first\n" + text.replacing("A=1", with: "A=2") + "LAST=1\n")
    try target.restore(before)
    #expect(FileSystem.text(of: path) == "# first\nA=2\nDB_POOL_TIMEOUT=20\nLAST=1\n")
  }

  @Test func `a file that came with the change stays when somebody else wrote to it`() throws {
    try target.apply(Self.change)
    try write(try #require(FileSystem.text(of: path)) + "A=1\n")
    try target.restore(nil)
    #expect(FileSystem.text(of: path) == "A=1\n")
  }

  @Test func `a snapshot has the tuned lines alone, in the order of the settings`() throws {
    try write(
      "DB_POOL_TIMEOUT=20\nDATABASE_URL=postgres://app:hunter2@db/app\nDB_IDLE_TIMEOUT=9\nDB_CONNECTION_LIMIT=5\n")
    #expect(try target.snapshot() == "DB_CONNECTION_LIMIT=5\nDB_POOL_TIMEOUT=20")
  }

  @Test func `the pool's defaults hold where the file is silent`() throws {
    #expect(try target.effectiveSettings() == PoolSettings())
    try write("DB_CONNECTION_LIMIT=7\nDB_POOL_MIN=3\nDB_IDLE_TIMEOUT=0\nDB_MAX_WAITING=0\nDB_LIFETIME_JITTER=0.5\n")
    var expected = PoolSettings()
    (expected.maxSize, expected.minSize, expected.idleTimeout, expected.maxWaiting) = (7, 3, nil, 0)
    expected.lifetimeJitter = 0.5
    #expect(try target.effectiveSettings() == expected)
  }

  @Test(arguments: [
    ("A=1\nDB_CONNECTION_LIMIT=many\n", 2, "DB_CONNECTION_LIMIT"), ("DB_POOL_TIMEOUT=20s", 1, "DB_POOL_TIMEOUT"),
    ("KEY=\"a\nb\nc\"\nDB_CONNECT_TIMEOUT=0\n", 4, "DB_CONNECT_TIMEOUT"),
    ("DB_CONNECTION_LIMIT=5\n\nDB_POOL_MIN=6\n", 3, "DB_POOL_MIN"), ("\nDB_POOL_TIMEOUT=\"20\n", 2, "DB_POOL_TIMEOUT"),
  ]) func `a value that the pool refuses is named with its line`(text: String, line: Int, variable: String) throws {
    try write(text)
    let error = #expect(throws: StagingError.self) { try target.effectiveSettings() }
    #expect(error?.code == .badValue && error?.line == line && error?.setting == variable)
    #expect(error?.description.hasPrefix("\(path):\(line): \(variable) is '") == true)
  }

  @Test func `mode and owner are kept, a link is written through, and nothing is left beside the file`() throws {
    try write("A=1\n")
    chmod(path, 0o640)
    let isRoot = geteuid() == 0
    if isRoot { chown(path, 12, 34) }
    symlink(path, folder.path + "/link.env")
    try BuiltinPoolTarget(envFile: folder.path + "/link.env", keys: Self.keys).apply(Self.change)
    let status = try #require(FileSystem.status(of: path, followingLinks: false))
    #expect(status.st_mode == 0o100640 && (!isRoot || (status.st_uid == 12 && status.st_gid == 34)))
    #expect(FileSystem.entries(of: folder.path) == ["app.env", "link.env"])
    #expect(FileSystem.linkTarget(folder.path + "/link.env") == path)
  }

  @Test func `a full disk leaves the old file whole`() throws {
    guard access("/dev/full", W_OK) == 0 else { return }
    let error = #expect(throws: SystemFault.self) { try File("/dev/full", O_WRONLY).write([1], path: "x") }
    #expect(error?.number == ENOSPC && error.map { StagingError($0).code } == .diskFull)
  }

  @Test func `bytes that are no UTF-8 are refused and not repaired`() throws {
    let strange: [UInt8] = [0x41, 0x3d, 0xff, 0x0a]
    try FileSystem.replace(path, with: strange)
    #expect(throws: StagingError.self) { try target.apply(Self.change) }
    #expect(try bytes() == strange)
  }

  @Test func `a folder that cannot be written is named`() throws {
    let blocked = BuiltinPoolTarget(envFile: "/proc/poolops/app.env", keys: Self.keys)
    let error = #expect(throws: StagingError.self) { try blocked.apply(Self.change) }
    #expect(error?.path?.hasPrefix("/proc") == true)
  }
}

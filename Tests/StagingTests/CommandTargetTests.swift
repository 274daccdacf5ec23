import Glibc
import Model
import System
import TestSupport
import Testing

@testable import Staging

/// Real programs: shell scripts that keep values in a file.
struct CommandTargetTests {
  private let folder = TemporaryFolder()

  private func program(_ name: String, _ body: String) throws {
    try FileSystem.replace("\(folder.path)/\(name)", with: Array("#!/bin/sh\n\(body)\n".utf8), mode: 0o755)
  }

  private func target(_ values: TargetValues, timeout: Duration = .seconds(10)) throws -> CommandTarget {
    let surroundings = TargetSurroundings(
      root: folder.path,
      variables: [
        "PATH": "/usr/bin:/bin", "DB_PASSWORD": TestApp.secret, "URL": "postgres://u:\(TestApp.secret)@h/d",
        "KEEP": "1",
      ],
      fetch: TestFetcher())
    let spec = CommandTargetSpec(
      apply: ["./set", "a b", "$(touch oops)"], readBack: ["./tell"], revert: ["./set"], timeout: timeout)
    return CommandTarget(spec, values, in: surroundings)
  }

  private static let pool: TargetValues = {
    var (baseline, change) = (PoolSettings(), PoolSettings())
    (baseline.maxSize, change.maxSize, change.acquireTimeout) = (20, 50, .milliseconds(340))
    return .pool(PoolValues(keys: [.maxSize, .acquireTimeout], baseline: baseline, change: change))
  }()

  private func writePrograms() throws {
    try program(
      "set",
      "env | grep -v PWD | sort >seen\necho \"max_size=$POOLOPS_MAX_SIZE\nacquire_timeout=${POOLOPS_ACQUIRE_TIMEOUT_MS}ms\" >values\necho set; echo \"$@\" >words"
    )
    try program("tell", "echo '# values'; cat values; echo other=5")
    try FileSystem.replace("\(folder.path)/values", with: Array("max_size = 20\nacquire_timeout=30s\n".utf8))
  }

  @Test func `every act, once and again, with the values in the environment and no shell in between`() throws {
    try writePrograms()
    let target = try self.target(Self.pool)
    try target.preflight()
    let before = try target.snapshot()
    #expect(before == "max_size=20\nacquire_timeout=30s")
    let planned = target.planned(.retest, over: before)
    for _ in 1...2 {
      try target.apply(.retest)
      #expect(try target.snapshot() == planned)
      let read = try target.verify(.retest, within: .zero)
      #expect(read.differences.isEmpty && read.settings?.maxSize == 50)
    }
    #expect(FileSystem.text(of: folder.path + "/words") == "a b $(touch oops)\n")
    #expect(!FileSystem.exists(folder.path + "/oops"))
    let seen = FileSystem.text(of: folder.path + "/seen") ?? ""
    #expect(
      seen.contains("POOLOPS_MAX_SIZE=50\n") && seen.contains("POOLOPS_ACQUIRE_TIMEOUT=340ms\n")
        && seen.contains("KEEP=1"))
    #expect(!seen.contains(TestApp.secret), "secrets of the environment are not handed on")
    for _ in 1...2 {
      try target.revert(to: before)
      #expect(try target.confirm(before, within: .zero).differences.isEmpty)
    }
    #expect(target.takeNotes().contains { $0.hasSuffix("status 0\nset\n") } && target.takeNotes().isEmpty)
  }

  @Test func `values of its own are handed over as they are`() throws {
    try program("set", "echo \"default-pool.size=$POOLOPS_DEFAULT_POOL_SIZE\" >values")
    try program("tell", "cat values")
    let own = OwnValues(baseline: ["default-pool.size": "a 'b'"], change: ["default-pool.size": "$(c) \"d\""])
    try FileSystem.replace("\(folder.path)/values", with: Array("default-pool.size=a 'b'\n".utf8))
    let target = try self.target(.own(own))
    try target.apply(.retest)
    #expect(try target.verify(.retest, within: .zero).differences.isEmpty)
    #expect(try !target.verify(.baseline, within: .zero).differences.isEmpty)
  }

  struct Failing: Sendable, CustomTestStringConvertible {
    var body: String
    var code: StagingError.Code
    var told: String
    var testDescription: String { body }
  }

  static let failing = [
    Failing(body: "echo starting; echo no such pool >&2; exit 3", code: .commandFailed, told: "status 3"),
    Failing(body: "kill -9 $$", code: .commandFailed, told: "status 137"),
    Failing(body: "echo waiting; sleep 30 & sleep 30", code: .commandHangs, told: "300ms"),
    Failing(body: "trap '' TERM; while :; do sleep 1; done", code: .commandHangs, told: "killed"),
    Failing(
      body: "echo \"cannot connect to postgres://app:\(TestApp.secret)@db/shop\"; exit 1", code: .commandFailed,
      told: "postgres://app:***@db/shop"),
  ]

  @Test(arguments: failing) func `a program that fails or hangs is named with what it said`(failing: Failing) throws {
    try writePrograms()
    try program("set", failing.body)
    let target = try self.target(Self.pool, timeout: .milliseconds(300))
    let start = ContinuousClock.now
    let error = #expect(throws: StagingError.self) { try target.apply(.retest) }
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(error?.code == failing.code && error?.description.contains(failing.told) == true, "\(error as Any)")
    #expect(
      error?.description.contains(TestApp.secret) == false
        && target.takeNotes().allSatisfy { !$0.contains(TestApp.secret) })
  }

  @Test func `what a program leaves running neither holds it up nor loses its output`() throws {
    try writePrograms()
    try program("set", "(sleep 0.5; echo late; echo done >after) & echo early")
    let target = try self.target(Self.pool)
    let start = ContinuousClock.now
    try target.apply(.retest)
    #expect(ContinuousClock.now - start < .milliseconds(450))
    for _ in 0..<200 where !FileSystem.exists(folder.path + "/after") { usleep(20_000) }
    #expect(FileSystem.text(of: folder.path + "/after") == "done\n", "it did not die of its own output")
  }

  @Test func `output without end is kept in bounds`() throws {
    try writePrograms()
    try program("set", "head -c 3000000 /dev/zero | tr '\\0' x; echo END")
    let target = try self.target(Self.pool)
    try target.apply(.retest)
    let notes = target.takeNotes()
    #expect(notes.count == 1 && notes[0].hasSuffix("END\n") && notes[0].utf8.count < 10_000)
  }

  @Test func `programs that are missing, and one that tells nothing, are found before anything changes`() throws {
    let missing = #expect(throws: StagingError.self) { try self.target(Self.pool).preflight() }
    #expect(missing?.code == .missingProgram)
    try writePrograms()
    try program("tell", "echo nothing")
    let silent = #expect(throws: StagingError.self) { try self.target(Self.pool).preflight() }
    #expect(silent?.code == .unreadable)
  }
}

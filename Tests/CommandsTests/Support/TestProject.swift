import Commands
import Glibc
import Model
import Staging
import Store
import TestSupport

/// A team's project in a folder of its own.
final class TestProject: Sendable {
  let folder = TemporaryFolder()
  var root: String { folder.path }
  var database: String { root + "/results.db" }
  var envFile: String { root + "/.poolops/staging/app.env" }

  init() { makeFolder(root + "/experiments") }

  deinit { try? EmbeddedCluster(root: root).down() }

  func makeFolder(_ path: String) { mkdir(path, 0o755) }

  func add(_ name: String, _ text: String) { write(text, to: "\(root)/experiments/\(name).yaml") }

  /// What an app's env file looks like: secrets, comments, odd spacing, and tuned values among the rest.
  static let env = """
    # the app's own file: do not lose a byte of it
    DATABASE_URL=postgresql://u:\(secret)@db.example/app
    export DB_CONNECTION_LIMIT = "3"   # was 10

    \tSECRET_KEY='\(secret)'\r
    DB_POOL_TIMEOUT=7
    # no newline at the end:
    LAST=1
    """
  static let secret = "S3CR3T-pw"

  func writeEnvFile(_ text: String = env) {
    makeFolder(root + "/.poolops")
    makeFolder(root + "/.poolops/staging")
    write(text, to: envFile)
  }

  /// Starts the embedded staging with the settings of `tiny`, to be stopped and removed when the tests end.
  func staging() throws -> RunningCluster {
    try TestCluster.start(in: root, settings: ["max_connections": "40"])
  }

  /// Runs the real program on this project to its end.
  @discardableResult
  func poolops(
    _ words: [String], variables: [String: String] = [:], program: String = "poolops",
    within limit: Duration = .seconds(90)
  ) throws -> Program.Ending {
    try start(words, variables: variables, program: program).wait(within: limit)
  }

  func start(_ words: [String], variables: [String: String] = [:], program: String = "poolops") throws -> Program {
    try Program(program, words + ["-C", root], variables: variables)
  }

  /// Runs a command inside this process.
  func command(_ line: String, variables: [String: String] = [:], now: Timestamp? = nil) -> Program.Ending {
    run(line.split(separator: " ").map(String.init) + ["-C", root], variables: variables, now: now)
  }

  /// The results for reading, closed with the last reference.
  func results() throws -> ResultsStore { try ResultsStore.open(path: database, mode: .readOnly) }
}

/// Runs a command inside this process, in a pipe's world.
func run(_ words: [String], variables: [String: String] = [:], now: Timestamp? = nil) -> Program.Ending {
  var output = ""
  var error = ""
  let world = World(
    arguments: words, variables: variables, directory: "/", output: { output += $0 }, error: { error += $0 },
    now: { now ?? clock() }, randomSeed: { 1 })
  let status = Poolops.main(in: world)
  let ending = Program.Ending(status: status, output: output, error: error)
  PlantedSecrets.expectNone(in: ending, words)
  return ending
}

private func clock() -> Timestamp {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}

/// An experiment that is over in seconds: a few users, a pool that is too small for them, and one that is not. Its check
/// is one that a busy machine keeps too, so that a single pair ends as inconclusive, whatever else runs.
struct Tiny: Sendable {
  var title = "Tiny"
  var staging = "{ embedded: { dataset_scale: 1, settings: { max_connections: 40 } } }"
  var targets = "target: { pool: builtin }"
  var baseline = "{ max_size: 2, acquire_timeout: 10s }"
  var change = "{ max_size: 8 }"
  var warmUp = "0s"
  var duration = "1s"
  var pairs = "{ count: 1, seed: 1 }"
  var checks = "[ \"p(95) < 5s\" ]"
  var more = ""
  var work = """
    transactions:
        - { name: nap, sql: "SELECT pg_sleep(0.01)" }
    """

  var text: String {
    """
    version: 1
    title: \(title)
    hypothesis: Eight users of 10 ms each queue at two connections, and not at eight.
    staging: \(staging)
    \(targets)
    baseline: \(baseline)
    change: \(change)
    load:
      shape: { constant: { users: 8, warm_up: \(warmUp), duration: \(duration) } }
      \(work)
    pairs: \(pairs)
    checks: \(checks)
    \(more)

    """
  }
}

/// The testing library has a type of the same name.
typealias Exit = Model.ExitStatus

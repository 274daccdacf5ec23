import Glibc
import Model
import Postgres
import Staging
import Store
import System
import Testing

/// What is wrong with the server, the disk or the env file: a clear message, the right code, nothing half done.
@Suite(.serialized) struct BadInputTests {
  private static let shared = Result { () throws -> (TestProject, RunningCluster) in
    let project = TestProject()
    project.add("tiny", Tiny(duration: "200ms").text)
    project.add(
      "slow",
      Tiny(
        baseline: "{ max_size: 2, acquire_timeout: 500ms }", duration: "20s",
        more: "guards: [ \"error_rate > 50% for 1s\" ]"
      ).text)
    project.add("remote", Tiny(staging: "{ url_env: STAGING_URL }", duration: "200ms").text)
    project.add("greedy", Tiny(change: "{ max_size: 400 }").text)
    // 100 slots, of which 3 are reserved and 2 are poolops's own.
    project.add(
      "tight",
      Tiny(
        staging: "{ embedded: { dataset_scale: 1, settings: { max_connections: 100 } } }", change: "{ max_size: 96 }"
      ).text)
    project.add("odd", Tiny(staging: "{ embedded: { dataset_scale: 1, settings: { wrk_mem: 1 } } }").text)
    project.add("huge", Tiny(staging: "{ embedded: { dataset_scale: 10000 } }").text)
    project.writeEnvFile()
    let cluster = try project.staging()
    let admin = try Session(cluster.admin)
    try admin.execute("CREATE DATABASE unmarked")
    return (project, cluster)
  }

  private func expectNothingDone(_ project: TestProject, _ what: String) {
    #expect(text(of: project.envFile) == TestProject.env, "\(what): the env file is not as it was")
    let owed = project.command("experiment recover")
    #expect(owed.status == 0 && owed.output.hasPrefix("Nothing is owed"), "\(what): \(owed)")
  }

  @Test func `a server that cannot be reached, or will not have us, is told before anything is changed`() throws {
    let (project, cluster) = try Self.shared.get()
    let secret = TestProject.secret
    let socket = try #require(cluster.admin["host"])
    let urls: [(url: String?, status: Set<Exit>, says: [String])] = [
      (nil, [.badConfiguration], ["STAGING_URL", "not set"]),
      ("", [.badConfiguration], ["STAGING_URL"]),
      ("postgresql://u:\(secret)@127.0.0.1:1/db", [.unreachable], ["STAGING_URL", "refused"]),
      ("postgresql://u:\(secret)@127.0.0.1:notaport/db", [.badConfiguration, .unreachable], ["STAGING_URL"]),
      ("postgresql://u:\(secret)@no-such-host.invalid/db", [.unreachable], ["no-such-host.invalid"]),
      ("mysql://u:\(secret)@127.0.0.1/db", [.badConfiguration], ["STAGING_URL"]),
      (
        "postgresql://poolops_app:\(secret)@127.0.0.1:\(cluster.port)/poolops_staging",
        [.badConfiguration], ["lets nobody in", "password authentication failed"]
      ),
      (
        "host=\(socket) port=\(cluster.port) user=poolops dbname=unmarked password=\(secret)", [.badConfiguration],
        ["'unmarked'", "does not say that it is staging", "ALTER DATABASE \"unmarked\" SET poolops.staging"]
      ),
      (
        "host=\(socket) port=\(cluster.port) user=poolops dbname=unmarked options='-c poolops.staging=fake'",
        [.badConfiguration], ["does not say that it is staging"]
      ),
    ]
    for (url, status, says) in urls {
      let ending = try project.poolops(
        ["experiment", "run", "remote"], variables: url.map { ["STAGING_URL": $0] } ?? [:], within: .seconds(30))
      #expect(Exit(rawValue: ending.status).map(status.contains) == true, "\(url ?? "unset"): \(ending)")
      for text in says { #expect(ending.error.contains(text), "\(url ?? "unset"): \(ending.error)") }
      #expect(!(ending.output + ending.error).contains(secret), "\(ending)")
      expectNothingDone(project, url ?? "unset")
    }
  }

  @Test func `a database on which somebody works from another folder is locked`() throws {
    let (project, cluster) = try Self.shared.get()
    let other = TestProject()
    other.add("remote", Tiny(staging: "{ url_env: STAGING_URL }").text)
    let socket = try #require(cluster.admin["host"])
    let url = "host=\(socket) port=\(cluster.port) user=poolops dbname=poolops_staging"
    let program = try start(project, "slow", until: "baseline:poll:1")
    let refused = try other.poolops(["experiment", "run", "remote"], variables: ["STAGING_URL": url])
    #expect(refused.status == Exit.locked.rawValue && refused.error.contains("another poolops"), "\(refused)")
    program.signal(SIGINT)
    #expect(try program.wait().status == Exit.interrupted.rawValue)
    let allowed = try other.poolops(["experiment", "run", "remote"], variables: ["STAGING_URL": url])
    #expect(allowed.status == Exit.inconclusive.rawValue, "\(allowed)")
  }

  @Test func `what the server cannot give is told before anything is changed`() throws {
    let (project, _) = try Self.shared.get()
    let wrong: [(name: String, status: Exit, says: [String])] = [
      ("greedy", .badConfiguration, ["a pool of 400", "max_connections"]),
      ("tight", .badConfiguration, ["a pool of 96", "need 98", "max_connections"]),
      ("odd", .badConfiguration, ["wrk_mem"]),
      ("huge", .unreachable, ["disk"]),
    ]
    for (name, status, says) in wrong {
      let ending = try project.poolops(["experiment", "run", name])
      #expect(ending.status == status.rawValue, "\(name): \(ending)")
      for text in says { #expect(ending.error.contains(text), "\(name): \(ending)") }
      expectNothingDone(project, name)
    }
    _ = try project.staging()
  }

  /// The tuned values are ours to replace; any other one that the pool cannot read ends the execution.
  @Test func `an env file that the pool cannot read is put back as it was`() throws {
    let (project, _) = try Self.shared.get()
    defer { project.writeEnvFile() }
    let files: [(text: String, says: String)] = [
      ("DB_MAX_WAITING=lots\n" + TestProject.env, "DB_MAX_WAITING"),
      ("DB_POOL_MIN=50\n" + TestProject.env, "DB_POOL_MIN"),
      (TestProject.env + "\nDB_CONNECTION_LIMIT=\"never closed\nX=1", "closing quote"),
    ]
    for (file, says) in files {
      write(file, to: project.envFile)
      let ending = try project.poolops(["experiment", "run", "tiny"])
      #expect([.rolledBack, .badConfiguration].contains(Exit(rawValue: ending.status)), "\(ending)")
      #expect((ending.output + ending.error).contains(says), "\(ending)")
      #expect(text(of: project.envFile) == file)
      #expect(project.command("experiment recover").output.hasPrefix("Nothing is owed"))
    }
  }

  @Test func `an env file that cannot be written ends the execution before a measurement`() throws {
    let (project, _) = try Self.shared.get()
    defer { rmdir(project.envFile); project.writeEnvFile() }
    unlink(project.envFile)
    mkdir(project.envFile, 0o755)
    let ending = try project.poolops(["experiment", "run", "tiny"])
    #expect(ending.status != 0 && ending.error.contains("app.env"), "\(ending)")
    #expect(!ending.error.contains("\nbaseline"))
  }

  @Test func `a server that goes away in the middle ends the execution, and staging is put back`() throws {
    let (project, _) = try Self.shared.get()
    let postmaster = try project.staging().postmasterPID
    let program = try start(project, "slow", until: "baseline:poll:5")
    kill(postmaster, SIGQUIT)
    let ending = try program.wait(within: .seconds(60))
    #expect(ending.status == Exit.rolledBack.rawValue && ending.error.contains("error_rate > 50%"), "\(ending)")
    expectNothingDone(project, "server gone")
    #expect(try project.results().integrityCheck() == [])
    _ = try project.staging()
  }

  @Test func `a limit on the size of files ends the execution, and staging is put back`() throws {
    let (project, _) = try Self.shared.get()
    let size = (bytes(of: project.database)?.count ?? 0) / 512
    let command = #"ulimit -f "$1"; shift; exec "$@""#
    for blocks in [size + 40, size + 120, size + 250, size + 400] {
      let ending = try Program(
        "/bin/sh",
        [
          "-c", command, "sh", "\(blocks)", Program.products + "/poolops", "experiment", "run", "tiny", "-C",
          project.root,
        ]
      ).wait()
      #expect(ending.status < 128, "\(blocks): killed by signal \(ending.status - 128)")
      #expect(text(of: project.envFile) == TestProject.env, "\(blocks): \(ending)")
      #expect(project.command("experiment recover").status == 0)
      expectNothingDone(project, "\(blocks) blocks")
      #expect(try project.results().integrityCheck() == [])
    }
  }

  @Test func `settings that contradict each other are told with the place`() throws {
    let (project, _) = try Self.shared.get()
    project.add("crossed", Tiny(baseline: "{ max_size: 2, min_size: 9 }").text)
    defer { unlink(project.root + "/experiments/crossed.yaml") }
    let ending = project.command("experiment run crossed")
    #expect(ending.status == Exit.badConfiguration.rawValue, "\(ending)")
    #expect(ending.error.contains("experiments/crossed.yaml:6:11: ") && ending.error.contains("min_size"), "\(ending)")
  }

  /// As an account that may not write there: root may write anywhere.
  @Test func `a results file without permission is refused before staging is touched`() throws {
    let project = TestProject()
    project.add("tiny", Tiny().text)
    try ResultsStore.open(path: project.database, mode: .readWrite).close()
    let before = bytes(of: project.database)
    for path in [project.database, project.root + "/new.db"] {
      chmod(project.root, 0o555)
      chmod(project.database, 0o444)
      let words = [Program.products + "/poolops", "experiment", "run", "tiny", "-C", project.root, "--db", path]
      let asNobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] + words
      let command = geteuid() == 0 ? asNobody : words
      let ending = try Program(command[0], Array(command.dropFirst())).wait()
      chmod(project.root, 0o755)
      #expect(ending.status == Exit.badConfiguration.rawValue, "\(ending)")
      #expect(ending.error.contains(path) && ending.error.contains("permission"), "\(ending)")
      #expect(access(project.root + "/.poolops", F_OK) != 0 && bytes(of: project.database) == before)
    }
  }

  /// A real full disk where we may mount one: filled while the load runs.
  @Test func `a full disk ends the execution, staging is put back, and recover closes the journal later`() throws {
    let (project, _) = try Self.shared.get()
    let disk = project.root + "/disk"
    project.makeFolder(disk)
    let mounted = try Program("/bin/mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).wait()
    guard mounted.status == 0 else { return }
    defer { _ = try? Program("/bin/umount", ["-l", disk]).wait() }
    let database = disk + "/results.db"
    for place in ["rehearse:recordChange:1", "apply:recordChange:1", "baseline:poll:1", "retest:finishStage:1"] {
      let file = FileSystem.status(of: project.envFile)?.st_ino
      let ending = try fill(disk, project, during: place, database)
      // The file is replaced by each write: as long as it is the same one, nothing was applied.
      if place == "rehearse:recordChange:1" { #expect(FileSystem.status(of: project.envFile)?.st_ino == file) }
      #expect(ending.status == Exit.rolledBack.rawValue, "\(place): \(ending)")
      #expect((ending.output + ending.error).contains("no space is left"), "\(place): \(ending)")
      #expect(text(of: project.envFile) == TestProject.env, "\(place)")
      unlink(disk + "/filler")
      let recovered = try project.poolops(["experiment", "recover", "--db", database])
      #expect(recovered.status == 0, "\(place): \(recovered)")
      let again = try project.poolops(["experiment", "recover", "--db", database])
      #expect(again.output.hasPrefix("Nothing is owed"), "\(place): \(again)")
      let store = try ResultsStore.open(path: database, mode: .readOnly)
      #expect(try store.integrityCheck() == [] && store.unfinishedExecutions() == [])
      store.close()
    }
  }

  /// Stops the execution at the place, fills the disk to the last byte, and lets it go on.
  private func fill(
    _ disk: String, _ project: TestProject, during place: String, _ database: String
  ) throws -> Program.Ending {
    let program = try project.start(
      ["experiment", "run", "tiny", "--db", database], variables: ["STOP_AT": place], program: "Killable")
    try program.wait { program.isStopped }
    let filler = open(disk + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    let block = [UInt8](repeating: 1, count: 4096)
    while write(filler, block, block.count) > 0 {}
    close(filler)
    program.signal(SIGCONT)
    return try program.wait()
  }
}

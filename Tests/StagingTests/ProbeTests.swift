import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

@testable import Probes

/// One at a time: one of them ends the sessions of probes.
@Suite(.serialized) struct ProbeTests {
  /// Keeps one backend busy for so long; how much CPU it gets is the machine's affair.
  private static func busy(milliseconds: Int) -> String {
    """
    DO $$ DECLARE n bigint; stop timestamptz := clock_timestamp() + interval '\(milliseconds) ms';
    BEGIN WHILE clock_timestamp() < stop LOOP SELECT count(*) INTO n FROM pgbench_tellers; END LOOP; END $$
    """
  }

  @Test func `a busy backend is seen by state, in the server's CPU, in its memory and in the counters`() throws {
    let running = try TestCluster.running()
    let name = "poolops-load-\(getpid())"
    let probes = ProbeSet(running.admin, postmasterPID: running.postmasterPID, loadName: name)
    let before = probes.sample(second: 0).values
    #expect(probes.gone == [] && before[.backendMemory] == nil)
    let work = Self.busy(milliseconds: 300)
    let load = try (0..<3).map { _ in try Session(running.connection, applicationName: name) }
    try load[0].execute(work)
    try load[1].execute("BEGIN")
    let after = probes.sample(second: 1).values
    #expect(after[.backendsIdle] == 2 && after[.backendsIdleInTransaction] == 1 && after[.backendsActive] == 0)
    #expect(after[.backendsOther] == 0)
    func grown(_ gauge: ProbeGauge) -> Double { (after[gauge] ?? -1) - (before[gauge] ?? .infinity) }
    #expect(grown(.serverCPUSeconds) >= 0.02 && grown(.serverCPUSeconds) < 20)
    #expect(grown(.machineBusySeconds) >= 0.02 && grown(.machineTotalSeconds) > 0)
    #expect(grown(.machineStealSeconds) >= 0)
    let memory = try #require(after[.backendMemory])
    #expect(memory > 100_000 && memory < 100_000_000)
    let oldest = try #require(after[.oldestSession])
    #expect(oldest >= 0.3 && oldest < 60 && before[.oldestSession] == nil, "of the load's sessions alone")
    #expect(before[.generatorMemory] ?? 0 > 1e6 && after[.generatorMemory] == nil, "read every 5 s as well")
    let sessions = try #require(after[.sessions])
    #expect(sessions >= 1 && after[.activeSeconds] != nil && after[.sessionsKilled] != nil)
    #expect(probes.sample(second: 2).values[.backendMemory] == nil, "it is read every 5 s only")
    withExtendedLifetime(load) {}
  }

  @Test func `CPU of backends that have ended stays in the sum`() throws {
    let running = try TestCluster.running()
    var cpu = try #require(ProcessTreeCPU(postmaster: running.postmasterPID))
    let start = cpu.seconds()
    let before = try #require(start)
    let session = try Session(running.connection, applicationName: "ended")
    try session.execute(Self.busy(milliseconds: 300))
    let reading = cpu.seconds()
    let during = try #require(reading)
    session.close()
    usleep(200_000)
    let end = cpu.seconds()
    let after = try #require(end)
    #expect(during > before && after >= during)
    var fresh = try #require(ProcessTreeCPU(postmaster: running.postmasterPID))
    let read = fresh.seconds()
    // Ended processes are counted in ticks: one of user and one of system time may be missing of what was seen live.
    #expect((read ?? 0) >= during - 0.02, "without the memory of earlier readings")
  }

  /// In ticks of 10 ms, twenty backends that do little each lose most of what they did.
  @Test func `CPU of live backends is finer than the kernel's tick`() throws {
    let running = try TestCluster.running()
    try #require(access("/proc/self/schedstat", R_OK) == 0, "this kernel keeps no schedstat")
    let sessions = try (0..<8).map { _ in try Session(running.connection, applicationName: "fine") }
    var cpu = try #require(ProcessTreeCPU(postmaster: running.postmasterPID))
    let readings = try (0..<8).map { index -> Double in
      try sessions[index].execute(Self.busy(milliseconds: 2))
      let reading = cpu.seconds()
      return try #require(reading)
    }
    let steps = zip(readings, readings.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { $0 > 0 && $0 < 1 }, "\(steps)")
    for session in sessions { session.close() }
  }

  @Test func `a probe survives its own session, and says what is gone`() throws {
    let running = try TestCluster.running()
    let probes = ProbeSet(running.admin, postmasterPID: running.postmasterPID, loadName: "nobody")
    #expect(probes.sample(second: 0).values[.backendsIdle] == 0)
    try TestCluster.admin().query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'poolops' AND query LIKE '%starts_with(application_name%'"
    )
    let sample = probes.sample(second: 1)
    #expect(probes.gone == ["postgresql"] && sample.values[.serverCPUSeconds] != nil)
  }

  @Test func `without a server a sample is what is left`() {
    let nowhere = ConnectionInfo(["host": "/nonexistent", "user": "x", "dbname": "x"])
    let probes = ProbeSet(nowhere, postmasterPID: Int32.max)
    let start = ContinuousClock.now
    for second in 0..<20 { _ = probes.sample(second: Double(second)) }
    #expect(ContinuousClock.now - start < .seconds(1))
    #expect(probes.gone == ["server_cpu", "postgresql"])
    #expect(
      Set(probes.sample(second: 21).values.keys) == [.machineBusySeconds, .machineTotalSeconds, .machineStealSeconds])
  }

  @Test func `a remote server has no CPU and no memory here, and nothing is missing`() throws {
    let probes = ProbeSet(try TestCluster.running().admin, postmasterPID: nil)
    let sample = probes.sample(second: 0)
    #expect(probes.gone == [] && sample.values[.serverCPUSeconds] == nil && sample.values[.sessions] != nil)
  }

  @Test func `machine CPU adds up as the kernel documents it`() {
    let values = MachineCPU.parse("cpu  10 20 30 400 50 6 7 80 9 0\ncpu0 1 2 3\n") ?? [:]
    let ticks = [ProbeGauge.machineBusySeconds, .machineTotalSeconds, .machineStealSeconds]
      .map { ((values[$0] ?? -1) * ProcFile.ticksPerSecond).rounded() }
    #expect(ticks == [73, 603, 80])
    #expect(MachineCPU.parse("intr 1 2 3") == nil)
  }

  @Test func `environment facts name server and machine`() throws {
    let facts = try EnvironmentFacts.collect(TestCluster.admin(), datasetScale: 1)
    #expect(facts["max_connections"] == "100" && facts["dataset_scale"] == "1")
    #expect(facts["postgres_version"] == (try TestCluster.running().version))
    let missing = ["shared_buffers", "libpq_version", "cores", "kernel", "memory"].filter {
      facts[$0]?.isEmpty != false
    }
    #expect(missing == [])
    #expect(EnvironmentFacts.quota("150000 100000\n") == "1.5" && EnvironmentFacts.quota("max 100000") == nil)
    #expect(EnvironmentFacts.cpuModel("x: 1\nmodel name\t: A  B\nmodel name\t: C\n") == "A B")
  }
}

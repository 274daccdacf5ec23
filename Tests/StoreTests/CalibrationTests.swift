import Model
import Testing

@testable import Store

@Suite struct CalibrationTests {
  let folder = TemporaryFolder()

  static func sample(_ id: ExecutionID) -> Calibration {
    Calibration(
      execution: id, started: moment(0), environment: "d1", load: "8 users, it's", pairs: 8, blockSeconds: 20,
      pairSeconds: 47.25,
      noise: [
        MetricNoise(
          metric: .latency(95), scale: .ratio, level: 0.145, deviation: 0.029, estimate: -0.004, pairs: 8,
          isFalseAlarm: false),
        MetricNoise(
          metric: .errorRate, scale: .absolute, level: 0, deviation: 0, estimate: 0, pairs: 7, isFalseAlarm: true),
      ], objections: ["run-1: late", "run-2: late"])
  }

  @Test func `a calibration is no execution of its experiment, and its noise is read back`() throws {
    try withStore(folder.database) { store throws in
      var kinds: [ExecutionKind: [ExecutionID]] = [:]
      for kind in [ExecutionKind.experiment, .calibration, .experiment, .calibration] {
        let id = try store.beginExecution(
          experiment: "peak", text: "", digest: "", seed: 1, kind: kind, at: moment(0))
        kinds[kind, default: []].append(id)
        _ = try store.beginRun(id, arm: .baseline, wanted: PoolSettings(), environment: [:], at: moment(0))
      }
      for (kind, ids) in kinds {
        #expect(try store.executions(of: "peak", kind: kind).map(\.id) == ids.reversed())
        #expect(try store.executions(of: nil, kind: kind).map(\.kind) == [kind, kind])
        #expect(try store.runs().filter { ids.contains($0.execution) }.map(\.kind) == [kind, kind])
      }
      #expect(try store.executions(of: nil).map(\.id.number) == [3, 1], "nobody gets one who does not ask for it")
      #expect(try store.unfinishedExecutions().count == 4, "recover finds all of them")

      let ids = try #require(kinds[.calibration])
      for id in ids { try store.recordCalibration(Self.sample(id)) }
      #expect(try store.calibrations(of: "peak") == ids.reversed().map(Self.sample))
      #expect(try store.calibrations(of: nil).count == 2)
      #expect(try store.calibrations(of: "other") == [])
      #expect(throws: StoreError.self, "once each") { try store.recordCalibration(Self.sample(ids[0])) }
    }
    let read = try withStore(folder.database, .readOnly) { try $0.calibrations(of: "peak") }
    #expect(read.count == 2)
  }

  @Test func `noise that is none is damage, and an unknown metric is passed over`() throws {
    try withStore(folder.database) { store throws in
      let id = try store.beginExecution(
        experiment: "peak", text: "", digest: "", seed: 1, kind: .calibration, at: moment(0))
      try store.recordCalibration(Self.sample(id))
      try store.database.execute("UPDATE noise SET metric = 'of_a_newer_poolops' WHERE position = 1")
      #expect(try store.calibrations(of: nil).map { $0.noise.map(\.metric) } == [[.latency(95)]])
      try store.database.execute("UPDATE noise SET deviation = -1")
      #expect(throws: StoreError.self) { try store.calibrations(of: nil) }
    }
  }
}

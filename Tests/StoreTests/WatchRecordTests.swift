import Model
import Testing

@testable import Store

/// What `monitor --record` keeps.
@Suite struct WatchRecordTests {
  let folder = TemporaryFolder()

  private static func sample(_ second: Int, name: String = "orders") -> WatchSample {
    WatchSample(
      kind: "pool", source: "127.0.0.1:8080/pool", name: name, level: second % 3,
      figures: [20, Double(second % 21), nil, Double(second), 0.25 * Double(second), 412.5, nil])
  }

  @Test func `stretches and alerts are read back as they were, also by sqlite3 alone`() throws {
    try withStore(folder.database) { store throws in
      let first = try store.beginWatch(started: moment(0), interval: .milliseconds(500), poolops: "0.1.0")
      let second = try store.beginWatch(started: moment(1), interval: .seconds(1), poolops: "0.1.0")
      #expect(first == 1 && second == 2)
      for end in [10, 20] {
        try store.recordWatch(
          first, at: moment(Int64(end)), [Self.sample(end), Self.sample(1, name: "reports")],
          alerts: [(moment(Int64(end) - 1), "orders", 2, "alert: orders: it's late")])
      }
      try store.recordWatch(second, at: moment(10), [Self.sample(9)], alerts: [])
      let read = try store.watchSamples(first, kind: "pool", source: "127.0.0.1:8080/pool", name: "orders")
      #expect(read.map(\.at) == [moment(10), moment(20)] && read.map(\.sample) == [Self.sample(10), Self.sample(20)])
      let history = try store.database.rows("SELECT watch, name, level, waiting FROM watch_history") { row in
        (0..<4).map { row.text($0) }.joined(separator: "|")
      }
      #expect(
        history == [
          "1|orders|warning|10.0", "1|reports|warning|1.0", "2|orders|calm|9.0", "1|orders|alert|20.0",
          "1|reports|warning|1.0",
        ])
      #expect(try store.database.integer("SELECT count(*) FROM watch_alerts") == 2 && store.integrityCheck() == [])
      #expect(try store.executions(of: nil) == [] && store.runs() == [], "it is evidence for no run")
    }
  }

  @Test func `an hour of ten pools takes less than half a megabyte`() throws {
    try withStore(folder.database) { store throws in
      let watch = try store.beginWatch(started: moment(0), interval: .seconds(1), poolops: "0.1.0")
      let before = try store.database.integer("PRAGMA page_count")
      for end in stride(from: 10, through: 3600, by: 10) {
        try store.recordWatch(
          watch, at: moment(Int64(end)), (0..<10).map { Self.sample(end, name: "pool-\($0)") }, alerts: [])
      }
      let pages = try store.database.integer("PRAGMA page_count") - before
      let size = try store.database.integer("PRAGMA page_size")
      #expect(pages * size < 500_000, "\(pages * size) bytes")
    }
  }
}

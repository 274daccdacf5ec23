import Model
import Testing

@testable import Store

/// What a person sees with `sqlite3` alone.
@Suite struct ViewTests {
  static let queries: [(sql: String, rows: [String])] = [
    (
      "SELECT run, execution, arm, status, started, blocks, seconds, max_size, acquire_timeout FROM run_summary",
      [
        "run-1|peak#1|baseline|finished|2026-11-20T18:40:01Z|1|1|10|1234567.891us",
        "run-2|peak#2|baseline|running|2026-11-20T18:40:01Z|0|0|10|1234567.891us",
      ]
    ),
    (
      """
      SELECT due, completed, failed, acquire_timeouts, goodput_per_second, error_percent, connections_used
      FROM run_summary
      """, ["10|6|3|2|6.0|33.33|20", "0|0|0|0|||"]
    ),
    (
      "SELECT run, pair, position, second, due, failed, acquire_timeouts, waiting_max FROM run_slices WHERE run = 'run-1'",
      ["run-1|2|5|-1|3|0|0|0", "run-1|2|5|0|10|3|2|3"]
    ),
    (
      "SELECT execution, decision, rule, status, outcome FROM verdicts",
      ["peak#1|NO-GO|p(95) < 400ms|failed|rolled_back", "peak#1|NO-GO|error_rate < 1%|passed|rolled_back"]
    ),
    (
      "SELECT run, wanted, effective FROM run_settings WHERE key = 'max_size'", ["run-1|10|19", "run-2|10|"]
    ),
    (
      "SELECT run, position, \"transaction\", completed, failed, failed_percent FROM run_transactions",
      ["run-1|0|it's \"ünïcode\"|4|3|42.86", "run-1|1|second|2|0|0.0"]
    ),
    ("SELECT run, started, completed, failed, success_percent FROM run_flows", ["run-1|5|2|3|40.0"]),
    (
      "SELECT run, pair, position, users_held, users_broke, condition FROM run_breaking_points",
      ["run-1|2|5|300|350|p(95) > 400ms"]
    ),
  ]

  @Test(arguments: queries)
  func `the views show what was recorded`(sql: String, rows: [String]) throws {
    let folder = TemporaryFolder()
    try withStore(folder.database) { store throws in
      try Sample().record(in: store)
      try Sample().record(in: store, finished: false)
      let columns = try #require(sql.split(separator: "FROM").first).split(separator: ",").count
      let shown = try store.database.rows(sql) { row in
        (0..<columns).map { row.text(Int32($0)) }.joined(separator: "|")
      }
      #expect(shown == rows)
    }
  }
}

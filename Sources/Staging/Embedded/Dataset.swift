import Postgres

/// The tables of pgbench, with its columns, fillers and row counts, made by SQL alone.
struct Dataset {
  static let accountsPerScale = 100_000
  /// About 15 MB a unit for the tables and their index, and room for the log that writing them makes.
  static let bytesPerScale: UInt64 = 32_000_000
  static let largestScale = 10_000

  var scale: Int

  private static let mark = "poolops dataset, scale "

  /// The scale of a complete dataset; nil when there is none, or it was only half made: the comment is written last.
  static func scale(in session: Session) throws(PostgresError) -> Int? {
    let sql = "SELECT obj_description(to_regclass('public.pgbench_accounts'), 'pg_class')"
    guard let comment = try session.query(sql).scalar, comment.hasPrefix(mark) else { return nil }
    return Int(comment.dropFirst(mark.count))
  }

  static func check(scale: Int) throws(StagingError) {
    guard (1...largestScale).contains(scale) else {
      throw StagingError(.badScale, wanted: "a whole number from 1 to \(largestScale)", found: "\(scale)")
    }
  }

  /// Makes the dataset unless it is there.
  func fill(_ session: Session, role: String, progress: (String) -> Void) throws(PostgresError) {
    if try Self.scale(in: session) == scale { return }
    progress("filling \(scale * Self.accountsPerScale) accounts (dataset_scale \(scale))")
    try session.execute(Self.tables)
    try session.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON \(Self.names.joined(separator: ", ")) TO \(role)")
    try session.query(
      "INSERT INTO pgbench_branches(bid, bbalance) SELECT bid, 0 FROM generate_series(1, $1::int) bid", ["\(scale)"])
    try session.query(
      "INSERT INTO pgbench_tellers(tid, bid, tbalance) SELECT tid, (tid - 1) / 10 + 1, 0 FROM generate_series(1, $1::int) tid",
      ["\(scale * 10)"])
    for branch in 1...scale {
      try session.query(
        """
        INSERT INTO pgbench_accounts(aid, bid, abalance, filler)
        SELECT aid, $3::int, 0, '' FROM generate_series($1::int, $2::int) aid
        """, ["\((branch - 1) * Self.accountsPerScale + 1)", "\(branch * Self.accountsPerScale)", "\(branch)"],
        within: .seconds(120))
      if branch % 10 == 0, branch < scale { progress("  \(branch * Self.accountsPerScale) accounts") }
    }
    let patience = Duration.seconds(60 + 2 * scale)
    for (table, key) in zip(Self.names, ["bid", "tid", "aid"]) {
      try session.execute("ALTER TABLE \(table) ADD PRIMARY KEY (\(key))", within: patience)
    }
    try session.execute("VACUUM (FREEZE, ANALYZE) pgbench_accounts", within: patience)
    try session.execute("VACUUM (FREEZE, ANALYZE) pgbench_branches")
    try session.execute("VACUUM (FREEZE, ANALYZE) pgbench_tellers")
    try session.execute("CHECKPOINT", within: patience)
    try session.execute("COMMENT ON TABLE pgbench_accounts IS '\(Self.mark)\(scale)'")
  }

  private static let names = ["pgbench_branches", "pgbench_tellers", "pgbench_accounts", "pgbench_history"]

  private static let tables = """
    DROP TABLE IF EXISTS pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers;
    CREATE TABLE pgbench_branches(bid int NOT NULL, bbalance int, filler char(88)) WITH (fillfactor = 100);
    CREATE TABLE pgbench_tellers(tid int NOT NULL, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
    CREATE TABLE pgbench_accounts(aid int NOT NULL, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
    CREATE TABLE pgbench_history(tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
    """
}

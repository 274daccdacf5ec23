/// Version 4: sweeps, the parts of a mixed load, flows.
extension Schema {
  static let version4 = readings4

  /// In a third of the room that `samples` takes, where what was recorded before stays.
  private static let readings4 = """
    CREATE TABLE gauges (
      id   INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE                                     -- server_cpu_seconds, backend_memory
    ) STRICT;

    CREATE TABLE moments (                                          -- when the probes were read
      id     INTEGER PRIMARY KEY,
      block  INTEGER NOT NULL REFERENCES blocks (id),
      second REAL NOT NULL,
      UNIQUE (block, second)
    ) STRICT;

    CREATE TABLE readings (
      moment INTEGER NOT NULL REFERENCES moments (id),
      gauge  INTEGER NOT NULL REFERENCES gauges (id),
      value  REAL NOT NULL,
      PRIMARY KEY (moment, gauge)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW run_samples AS                                      -- one row a gauge and moment, of all versions
    SELECT 'run-' || b.run AS run, b.pair, b.position, m.second, g.name AS gauge, r.value
    FROM blocks b JOIN moments m ON m.block = b.id JOIN readings r ON r.moment = m.id JOIN gauges g ON g.id = r.gauge
    UNION ALL
    SELECT 'run-' || b.run, b.pair, b.position, s.second, s.gauge, s.value FROM blocks b JOIN samples s ON s.block = b.id;

    """
}

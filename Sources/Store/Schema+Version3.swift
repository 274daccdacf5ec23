/// Version 3: calibrations, which are executions that are no evidence, and the noise that they measured.
extension Schema {
  static let version3 = """
    ALTER TABLE executions ADD COLUMN kind TEXT NOT NULL DEFAULT 'experiment'
      CHECK (kind IN ('experiment', 'calibration'));                -- calibration: A against A, evidence for nothing

    CREATE TABLE calibrations (
      execution     INTEGER PRIMARY KEY REFERENCES executions (id),
      environment   TEXT NOT NULL,                                  -- SHA-256 of the facts that must agree
      load          TEXT NOT NULL,
      pairs         INTEGER NOT NULL CHECK (pairs > 0),
      block_seconds REAL NOT NULL CHECK (block_seconds > 0),        -- measured part
      pair_seconds  REAL NOT NULL CHECK (pair_seconds > 0),         -- warm-ups and switching included
      objections    TEXT NOT NULL                                   -- one a line
    ) STRICT;

    CREATE TABLE noise (
      execution   INTEGER NOT NULL REFERENCES calibrations (execution),
      position    INTEGER NOT NULL,
      metric      TEXT NOT NULL,
      scale       TEXT NOT NULL CHECK (scale IN ('ratio', 'absolute')),  -- ln(second / first), or second - first
      level       REAL NOT NULL,                                    -- mean over the blocks, base unit
      deviation   REAL NOT NULL,                                    -- standard deviation of the paired differences
      estimate    REAL NOT NULL,
      pairs       INTEGER NOT NULL,
      false_alarm INTEGER NOT NULL CHECK (false_alarm IN (0, 1)),
      PRIMARY KEY (execution, metric)
    ) STRICT, WITHOUT ROWID;
    """
}

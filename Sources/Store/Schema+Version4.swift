/// Version 4: sweeps, the parts of a mixed load, flows, steps of rollouts.
extension Schema {
  static let version4 = sweeps4 + rollouts4

  /// A sweep is an execution of its own kind; its cells are runs.
  private static let sweeps4 = """
    ALTER TABLE executions RENAME COLUMN kind TO kind3;
    ALTER TABLE executions ADD COLUMN kind TEXT NOT NULL DEFAULT 'experiment'
      CHECK (kind IN ('experiment', 'calibration', 'sweep'));       -- calibration and sweep: evidence for nothing
    UPDATE executions SET kind = kind3;
    ALTER TABLE executions DROP COLUMN kind3;

    CREATE TABLE sweeps (
      execution INTEGER PRIMARY KEY REFERENCES executions (id),
      mode      TEXT NOT NULL CHECK (mode IN ('grid', 'knee')),
      sizes     TEXT NOT NULL,                                      -- 10,20,50
      levels    TEXT NOT NULL,                                      -- users:50,users:100, or rate:400.0
      warm_up   INTEGER NOT NULL,                                   -- microseconds, of each block
      duration  INTEGER NOT NULL,                                   -- measured part
      repeats   INTEGER NOT NULL CHECK (repeats > 0),               -- blocks of each cell
      size_limit INTEGER,                                           -- of a search: what the server has slots for
      finished  INTEGER                                             -- NULL: cells are missing
    ) STRICT;

    CREATE TABLE sweep_cells (
      execution INTEGER NOT NULL REFERENCES sweeps (execution),
      position  INTEGER NOT NULL,
      size      INTEGER NOT NULL CHECK (size > 0),
      level     TEXT NOT NULL,
      run       INTEGER REFERENCES runs (id),                       -- NULL: not measured yet
      cut_off   TEXT NOT NULL DEFAULT '',                           -- the guard that tripped in it
      PRIMARY KEY (execution, position),
      UNIQUE (execution, size, level)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW sweep_summary AS                                    -- one row a cell
    SELECT e.experiment || '#' || e.number AS sweep, c.position, c.size AS max_size, c.level, s.run,
      s.blocks, s.completed, s.failed, s.goodput_per_second, s.error_percent, c.cut_off
    FROM sweep_cells c
    JOIN executions e ON e.id = c.execution
    LEFT JOIN run_summary s ON s.run = 'run-' || c.run
    ORDER BY c.execution, CAST(substr(c.level, instr(c.level, ':') + 1) AS REAL), c.size;

    """

  private static let rollouts4 = """
    CREATE TABLE rollout_steps (                                    -- runs on the way to a change; no comparison has them
      run      INTEGER PRIMARY KEY REFERENCES runs (id),
      max_size INTEGER NOT NULL CHECK (max_size > 0)
    ) STRICT;

    """
}

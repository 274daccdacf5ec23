/// Version 4: sweeps, the parts of a mixed load, flows, steps of rollouts.
extension Schema {
  static let version4 = shapes4 + readings4 + rollouts4 + sweeps4

  /// What loads whose users change, that are mixed, or that are flows record beside the rest.
  private static let shapes4 = """
    ALTER TABLE slices ADD COLUMN users_mean REAL NOT NULL DEFAULT 0;     -- 0 also where they were not recorded
    ALTER TABLE slices ADD COLUMN users_max INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE slices ADD COLUMN length REAL NOT NULL DEFAULT 1;         -- less where the load ended within the second

    CREATE TABLE transaction_names (
      id   INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE parts (                                            -- one transaction of several, or one step of a flow
      slice     INTEGER NOT NULL REFERENCES slices (id),
      position  INTEGER NOT NULL,                                   -- in the experiment file, from 0
      name      INTEGER NOT NULL REFERENCES transaction_names (id),
      completed INTEGER NOT NULL,
      failed    INTEGER NOT NULL,
      latency   BLOB,                                               -- NULL: none succeeded
      PRIMARY KEY (slice, position)
    ) STRICT;

    CREATE TABLE flows (                                            -- visits; their durations are the histogram 'flow'
      slice     INTEGER PRIMARY KEY REFERENCES slices (id),
      started   INTEGER NOT NULL,
      completed INTEGER NOT NULL,
      failed    INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE breaking_points (                                  -- of a load of steps
      block     INTEGER PRIMARY KEY REFERENCES blocks (id),
      held      INTEGER NOT NULL,                                   -- users of the highest step that held; 0: none did
      broke     INTEGER,                                            -- of the first that did not; NULL: all held
      condition TEXT NOT NULL,
      value     REAL                                                -- in the base unit of the condition's metric
    ) STRICT;

    CREATE VIEW run_transactions AS                                 -- the measured seconds of finished blocks
    SELECT 'run-' || b.run AS run, p.position, n.name AS "transaction",
      sum(p.completed) AS completed, sum(p.failed) AS failed,
      round(100.0 * sum(p.failed) / nullif(sum(p.completed) + sum(p.failed), 0), 2) AS failed_percent
    FROM blocks b
    JOIN slices s ON s.block = b.id AND s.second >= 0
    JOIN parts p ON p.slice = s.id
    JOIN transaction_names n ON n.id = p.name
    WHERE b.status = 'finished'
    GROUP BY b.run, p.position, p.name
    ORDER BY b.run, p.position;

    CREATE VIEW run_flows AS                                        -- visits in the measured seconds of finished blocks
    SELECT 'run-' || b.run AS run, sum(f.started) AS started, sum(f.completed) AS completed, sum(f.failed) AS failed,
      round(100.0 * sum(f.completed) / nullif(sum(f.completed) + sum(f.failed), 0), 2) AS success_percent
    FROM blocks b
    JOIN slices s ON s.block = b.id AND s.second >= 0
    JOIN flows f ON f.slice = s.id
    WHERE b.status = 'finished'
    GROUP BY b.run
    ORDER BY b.run;

    CREATE VIEW run_breaking_points AS                              -- one row a block
    SELECT 'run-' || b.run AS run, b.pair, b.position, p.held AS users_held, p.broke AS users_broke, p.condition, p.value
    FROM breaking_points p
    JOIN blocks b ON b.id = p.block
    ORDER BY b.run, b.position;

    """

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

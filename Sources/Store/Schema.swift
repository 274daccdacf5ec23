/// The SQL of each version. Moments are microseconds since 1970-01-01 UTC; the views show them as text.
enum Schema {
  static let version1 = tables1 + views1

  private static let tables1 = """
    CREATE TABLE executions (
      id                INTEGER PRIMARY KEY AUTOINCREMENT,
      experiment        TEXT NOT NULL,
      number            INTEGER NOT NULL CHECK (number > 0),       -- peak#3: counted per experiment
      outcome           TEXT NOT NULL
                        CHECK (outcome IN ('running', 'kept', 'rolled_back', 'failed', 'rollback_unverified')),
      started           INTEGER NOT NULL,
      ended             INTEGER,
      seed              TEXT NOT NULL,                              -- 64 bits without sign: more than INTEGER holds
      experiment_text   TEXT NOT NULL,
      experiment_digest TEXT NOT NULL,                              -- SHA-256 of the text
      UNIQUE (experiment, number)
    ) STRICT;

    CREATE TABLE stages (
      id        INTEGER PRIMARY KEY,
      execution INTEGER NOT NULL REFERENCES executions (id),
      stage     TEXT NOT NULL,
      outcome   TEXT NOT NULL CHECK (outcome IN ('running', 'passed', 'failed', 'interrupted')),
      started   INTEGER NOT NULL,
      ended     INTEGER,
      note      TEXT NOT NULL
    ) STRICT;
    CREATE INDEX stages_execution ON stages (execution);

    CREATE TABLE runs (
      id        INTEGER PRIMARY KEY AUTOINCREMENT,                  -- run-12: never given twice, runbooks cite it
      execution INTEGER NOT NULL REFERENCES executions (id),
      arm       TEXT NOT NULL CHECK (arm IN ('baseline', 'retest')),
      status    TEXT NOT NULL CHECK (status IN ('running', 'finished', 'aborted')),
      started   INTEGER NOT NULL,
      ended     INTEGER
    ) STRICT;
    CREATE INDEX runs_execution ON runs (execution);

    CREATE TABLE settings (                                         -- what the run was to have
      run    INTEGER NOT NULL REFERENCES runs (id),
      key    TEXT NOT NULL,
      wanted TEXT NOT NULL,
      PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE environment (
      run   INTEGER NOT NULL REFERENCES runs (id),
      key   TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE blocks (
      id               INTEGER PRIMARY KEY,
      run              INTEGER NOT NULL REFERENCES runs (id),
      pair             INTEGER NOT NULL,
      position         INTEGER NOT NULL,                            -- place among all blocks of the execution
      status           TEXT NOT NULL CHECK (status IN ('running', 'finished', 'aborted')),
      started          INTEGER NOT NULL,
      ended            INTEGER,
      in_flight_at_end INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX blocks_run ON blocks (run);

    CREATE TABLE block_settings (                                   -- what the pool of this block really had
      block     INTEGER NOT NULL REFERENCES blocks (id),
      key       TEXT NOT NULL,
      effective TEXT NOT NULL,
      PRIMARY KEY (block, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE slices (                                           -- one second; negative during warm-up
      id                 INTEGER PRIMARY KEY,
      block              INTEGER NOT NULL REFERENCES blocks (id),
      second             INTEGER NOT NULL,
      due                INTEGER NOT NULL,
      completed          INTEGER NOT NULL,
      connections_opened INTEGER NOT NULL,
      connections_closed INTEGER NOT NULL,
      active_mean        REAL NOT NULL,
      active_max         INTEGER NOT NULL,
      idle_mean          REAL NOT NULL,
      idle_max           INTEGER NOT NULL,
      waiting_mean       REAL NOT NULL,
      waiting_max        INTEGER NOT NULL,
      generator_cpu      REAL NOT NULL,                             -- seconds
      UNIQUE (block, second)
    ) STRICT;

    CREATE TABLE failures (
      slice INTEGER NOT NULL REFERENCES slices (id),
      class TEXT NOT NULL,                                          -- acquire_timeout, sql:23505
      count INTEGER NOT NULL,
      PRIMARY KEY (slice, class)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE histograms (
      slice INTEGER NOT NULL REFERENCES slices (id),
      kind  TEXT NOT NULL,                                          -- latency, service, wait, query, connect, slip
      data  BLOB NOT NULL,
      PRIMARY KEY (slice, kind)
    ) STRICT;

    CREATE TABLE samples (
      block  INTEGER NOT NULL REFERENCES blocks (id),
      second REAL NOT NULL,
      gauge  TEXT NOT NULL,
      value  REAL NOT NULL,
      PRIMARY KEY (block, second, gauge)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE decisions (
      id        INTEGER PRIMARY KEY,
      execution INTEGER NOT NULL UNIQUE REFERENCES executions (id),
      decision  TEXT NOT NULL CHECK (decision IN ('GO', 'NO-GO', 'INCONCLUSIVE')),
      reason    TEXT NOT NULL
    ) STRICT;

    CREATE TABLE rules (
      decision INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      rule     TEXT NOT NULL,
      status   TEXT NOT NULL CHECK (status IN ('passed', 'failed', 'undecided')),
      evidence TEXT NOT NULL,
      PRIMARY KEY (decision, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE changes (                                          -- the journal: written before the target is
      id        INTEGER PRIMARY KEY AUTOINCREMENT,
      execution INTEGER NOT NULL REFERENCES executions (id),
      target    TEXT NOT NULL,
      locator   TEXT NOT NULL,
      before    TEXT,                                               -- NULL: there was no file
      after     TEXT,
      state     TEXT NOT NULL CHECK (state IN ('recorded', 'applied', 'verified', 'reverted', 'kept')),
      recorded  INTEGER NOT NULL,
      updated   INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX changes_open ON changes (id) WHERE state IN ('recorded', 'applied', 'verified');

    CREATE TABLE events (
      id        INTEGER PRIMARY KEY,
      execution INTEGER REFERENCES executions (id),
      kind      TEXT NOT NULL,
      text      TEXT NOT NULL,
      at        INTEGER NOT NULL
    ) STRICT;

    """

  private static let views1 = """
    CREATE VIEW run_slices AS                                       -- one row a second, warm-up included
    SELECT 'run-' || b.run AS run, b.pair, b.position, b.status AS block_status, s.second, s.due, s.completed,
      coalesce(f.failed, 0) AS failed, coalesce(f.acquire_timeouts, 0) AS acquire_timeouts,
      s.active_mean, s.active_max, s.idle_mean, s.waiting_mean, s.waiting_max,
      s.connections_opened, s.connections_closed, s.generator_cpu
    FROM blocks b
    JOIN slices s ON s.block = b.id
    LEFT JOIN (
      SELECT slice, sum(count) AS failed, sum(count) FILTER (WHERE class = 'acquire_timeout') AS acquire_timeouts
      FROM failures GROUP BY slice
    ) f ON f.slice = s.id
    ORDER BY b.run, b.position, s.second;

    CREATE VIEW run_settings AS                                     -- effective: every value that a block had
    SELECT 'run-' || w.run AS run, w.key, w.wanted,
      (SELECT group_concat(DISTINCT e.effective) FROM blocks b JOIN block_settings e ON e.block = b.id
       WHERE b.run = w.run AND e.key = w.key) AS effective
    FROM settings w
    ORDER BY w.run, w.key;

    CREATE VIEW run_summary AS                                      -- the measured seconds of finished blocks
    SELECT 'run-' || r.id AS run, e.experiment || '#' || e.number AS execution, r.arm, r.status,
      strftime('%Y-%m-%dT%H:%M:%SZ', r.started / 1000000, 'unixepoch') AS started,
      strftime('%Y-%m-%dT%H:%M:%SZ', r.ended / 1000000, 'unixepoch') AS ended,
      (SELECT wanted FROM settings w WHERE w.run = r.id AND w.key = 'max_size') AS max_size,
      (SELECT wanted FROM settings w WHERE w.run = r.id AND w.key = 'acquire_timeout') AS acquire_timeout,
      (SELECT count(*) FROM blocks b WHERE b.run = r.id AND b.status = 'finished') AS blocks,
      count(s.id) AS seconds, coalesce(sum(s.due), 0) AS due, coalesce(sum(s.completed), 0) AS completed,
      coalesce(sum(f.failed), 0) AS failed, coalesce(sum(f.acquire_timeouts), 0) AS acquire_timeouts,
      round(1.0 * sum(s.completed) / count(s.id), 1) AS goodput_per_second,
      round(100.0 * sum(coalesce(f.failed, 0)) / nullif(sum(s.completed) + sum(coalesce(f.failed, 0)), 0), 2)
        AS error_percent,
      round(avg(s.waiting_mean), 1) AS waiting_mean, max(s.active_max) AS connections_used
    FROM runs r
    JOIN executions e ON e.id = r.execution
    LEFT JOIN blocks b ON b.run = r.id AND b.status = 'finished'
    LEFT JOIN slices s ON s.block = b.id AND s.second >= 0
    LEFT JOIN (
      SELECT slice, sum(count) AS failed, sum(count) FILTER (WHERE class = 'acquire_timeout') AS acquire_timeouts
      FROM failures GROUP BY slice
    ) f ON f.slice = s.id
    GROUP BY r.id
    ORDER BY r.id;

    CREATE VIEW verdicts AS                                         -- one row a rule
    SELECT e.experiment || '#' || e.number AS execution, d.decision, d.reason, u.rule, u.status, u.evidence,
      e.outcome, strftime('%Y-%m-%dT%H:%M:%SZ', e.ended / 1000000, 'unixepoch') AS ended
    FROM decisions d
    JOIN executions e ON e.id = d.execution
    LEFT JOIN rules u ON u.decision = d.id
    ORDER BY e.id, u.position;
    """
}

/// Version 5: ramps into exhaustion, which are executions of their own kind, and how far the alert came before the failure.
extension Schema {
  static let version5 = """
    ALTER TABLE executions RENAME COLUMN kind TO kind4;
    ALTER TABLE executions ADD COLUMN kind TEXT NOT NULL DEFAULT 'experiment'
      CHECK (kind IN ('experiment', 'calibration', 'sweep', 'exhaustion'));  -- exhaustion: evidence for the alert's lead alone
    UPDATE executions SET kind = kind4;
    ALTER TABLE executions DROP COLUMN kind4;

    CREATE TABLE lead_times (                                       -- moments: seconds since the measured part began
      run             INTEGER PRIMARY KEY REFERENCES runs (id),
      acquire_timeout INTEGER NOT NULL CHECK (acquire_timeout > 0), -- microseconds
      sample_interval INTEGER NOT NULL CHECK (sample_interval > 0),
      warn_at         REAL NOT NULL CHECK (warn_at > 0 AND warn_at <= alert_at),  -- shares of the acquire timeout
      alert_at        REAL NOT NULL CHECK (alert_at < 1),
      samples         INTEGER NOT NULL,
      longest_gap     REAL,                                         -- from one sample's moment to the next one's level, at most
      age             TEXT NOT NULL CHECK (age IN ('told', 'inferred', 'untold')),  -- of the oldest waiter
      aged_warning    REAL,                                         -- since when the oldest waiter was that old at every look
      aged_alert      REAL,                                         -- until the failure; NULL: it was not
      timeouts        INTEGER,                                      -- that the pool itself counted; NULL: it does not
      failure         REAL,                                         -- first failed request; NULL: none failed
      error           TEXT,                                         -- its class
      CHECK ((failure IS NULL) = (error IS NULL))
    ) STRICT;

    CREATE TABLE level_changes (                                    -- before the first one it was calm
      run    INTEGER NOT NULL REFERENCES lead_times (run),
      second REAL NOT NULL,
      level  TEXT NOT NULL CHECK (level IN ('calm', 'warning', 'alert')),
      PRIMARY KEY (run, second)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW run_lead_times AS                                   -- the alert that stood when the request failed
    SELECT 'run-' || l.run AS run, l.acquire_timeout / 1e6 AS acquire_timeout, l.sample_interval / 1e6 AS sample_interval,
      l.alert_at, l.alert AS alert, l.failure, l.error, round(l.failure - l.alert, 6) AS lead,
      round((1 - l.alert_at) * l.acquire_timeout / 1e6 - l.sample_interval / 1e6, 6) AS guaranteed, l.age, l.samples,
      l.longest_gap
    FROM (
      SELECT t.*,
        (SELECT min(c.second) FROM level_changes c
         WHERE c.run = t.run AND c.level = 'alert' AND c.second <= t.failure AND NOT EXISTS (
           SELECT 1 FROM level_changes d
           WHERE d.run = c.run AND d.second > c.second AND d.second <= t.failure AND d.level <> 'alert')) AS alert
      FROM lead_times t
    ) l
    ORDER BY l.run;
    """
}

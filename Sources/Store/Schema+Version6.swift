/// Version 6: what `poolops monitor --record` saw. Evidence for no run: it says what happened, not what a change did.
extension Schema {
  static let version6 = """
    CREATE TABLE watches (
      id               INTEGER PRIMARY KEY AUTOINCREMENT,
      started          INTEGER NOT NULL,
      interval_seconds REAL NOT NULL CHECK (interval_seconds > 0),  -- from one sample to the next
      poolops          TEXT NOT NULL                                -- version
    ) STRICT;

    CREATE TABLE watched (                                          -- a pool, a server or a machine of a watch
      id     INTEGER PRIMARY KEY,
      watch  INTEGER NOT NULL REFERENCES watches (id),
      kind   TEXT NOT NULL CHECK (kind IN ('pool', 'server', 'machine')),
      source TEXT NOT NULL,
      name   TEXT NOT NULL,                                         -- of a pool, else empty
      UNIQUE (watch, kind, source, name)
    ) STRICT;

    CREATE TABLE watch_samples (                                    -- one a stretch of some seconds: what was worst in it
      subject     INTEGER NOT NULL REFERENCES watched (id),
      at          INTEGER NOT NULL,                                 -- its end
      level       INTEGER NOT NULL CHECK (level BETWEEN 0 AND 2),   -- calm, warning, alert
      capacity    REAL,                                             -- max of a pool, slots of a server, 1 for a machine
      used        REAL,                                             -- most
      idle        REAL,                                             -- fewest
      waiting     REAL,                                             -- most
      oldest_wait REAL,                                             -- longest, seconds
      rate        REAL,                                             -- mean a second: connections handed out, transactions
      timeouts    REAL,                                             -- most a second
      PRIMARY KEY (subject, at)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE watch_alerts (                                     -- each change of a level, at its own moment
      id      INTEGER PRIMARY KEY AUTOINCREMENT,
      watch   INTEGER NOT NULL REFERENCES watches (id),
      at      INTEGER NOT NULL,
      subject TEXT NOT NULL,
      level   INTEGER NOT NULL CHECK (level BETWEEN 0 AND 2),
      text    TEXT NOT NULL
    ) STRICT;

    CREATE VIEW watch_history AS
    SELECT w.watch, datetime(s.at / 1000000, 'unixepoch') AS at, w.kind, w.source, w.name,
      CASE s.level WHEN 0 THEN 'calm' WHEN 1 THEN 'warning' ELSE 'alert' END AS level, s.capacity, s.used, s.idle,
      s.waiting, s.oldest_wait, s.rate, s.timeouts
    FROM watch_samples s JOIN watched w ON w.id = s.subject ORDER BY s.at, w.id;
    """
}

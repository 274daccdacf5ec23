import Model

/// What a watching saw, for the record.
package struct WatchSample: Hashable, Sendable {
  /// `pool`, `server` or `machine`.
  package var kind: String
  package var source: String
  package var name: String
  /// 0 calm, 1 warning, 2 alert.
  package var level: Int
  /// In the order of the columns: capacity, used, idle, waiting, oldest wait, rate, timeouts.
  package var figures: [Double?]

  package static let figureCount = 7

  package init(kind: String, source: String, name: String, level: Int, figures: [Double?]) {
    precondition(figures.count == Self.figureCount)
    self.kind = kind
    self.source = source
    self.name = name
    self.level = level
    self.figures = figures
  }
}

extension ResultsStore {
  /// Begins the record of a watching; returns its number.
  package func beginWatch(started: Timestamp, interval: Duration, poolops: String) throws(StoreError) -> Int {
    try write { () throws(StoreError) in
      try database.insert(
        "INSERT INTO watches (started, interval_seconds, poolops) VALUES (?, ?, ?)",
        .integer(started.microseconds), .real(interval.seconds), .text(poolops))
    }
  }

  /// Keeps one stretch, and the changes of levels in it.
  package func recordWatch(
    _ watch: Int, at end: Timestamp, _ samples: [WatchSample],
    alerts: [(at: Timestamp, subject: String, level: Int, text: String)]
  ) throws(StoreError) {
    try write { () throws(StoreError) in
      for sample in samples {
        let subject = try subject(of: sample, watch)
        let figures = sample.figures.map { $0.map(SQLValue.real) ?? .null }
        try database.run(
          """
          INSERT OR REPLACE INTO watch_samples
            (subject, at, level, capacity, used, idle, waiting, oldest_wait, rate, timeouts)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """, SQLValue(subject), .integer(end.microseconds), SQLValue(sample.level), figures[0], figures[1],
          figures[2], figures[3], figures[4], figures[5], figures[6])
      }
      for alert in alerts {
        try database.run(
          "INSERT INTO watch_alerts (watch, at, subject, level, text) VALUES (?, ?, ?, ?, ?)", SQLValue(watch),
          .integer(alert.at.microseconds), .text(alert.subject), SQLValue(alert.level), .text(alert.text))
      }
    }
  }

  private func subject(of sample: WatchSample, _ watch: Int) throws(StoreError) -> Int {
    try database.run(
      "INSERT OR IGNORE INTO watched (watch, kind, source, name) VALUES (?, ?, ?, ?)", SQLValue(watch),
      .text(sample.kind), .text(sample.source), .text(sample.name))
    return try database.integer(
      "SELECT id FROM watched WHERE watch = ? AND kind = ? AND source = ? AND name = ?", SQLValue(watch),
      .text(sample.kind), .text(sample.source), .text(sample.name))
  }

  /// The stretches of a watching in order of time, for one pool, server or machine.
  package func watchSamples(
    _ watch: Int, kind: String, source: String, name: String
  ) throws(StoreError) -> [(at: Timestamp, sample: WatchSample)] {
    try database.rows(
      """
      SELECT s.at, s.level, s.capacity, s.used, s.idle, s.waiting, s.oldest_wait, s.rate, s.timeouts
      FROM watch_samples s JOIN watched w ON w.id = s.subject
      WHERE w.watch = ? AND w.kind = ? AND w.source = ? AND w.name = ? ORDER BY s.at
      """, SQLValue(watch), .text(kind), .text(source), .text(name)
    ) { row throws(StoreError) in
      let figures = (0..<Int32(WatchSample.figureCount)).map { row.isNull(2 + $0) ? nil : row.double(2 + $0) }
      return (
        Timestamp(microseconds: Int64(row.int(0))),
        WatchSample(kind: kind, source: source, name: name, level: row.int(1), figures: figures)
      )
    }
  }
}

import Model

/// The noise that calibrations measured.
extension ResultsStore {
  /// Keeps the noise of a calibration that was recorded as an execution.
  package func recordCalibration(_ calibration: Calibration) throws(StoreError) {
    try write { () throws(StoreError) in
      let execution = try row(of: calibration.execution)
      try database.run(
        """
        INSERT INTO calibrations (execution, environment, load, pairs, block_seconds, pair_seconds, objections)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, execution, .text(calibration.environment), .text(calibration.load), SQLValue(calibration.pairs),
        .real(calibration.blockSeconds), .real(calibration.pairSeconds),
        .text(calibration.objections.joined(separator: "\n")))
      for (position, noise) in calibration.noise.enumerated() {
        try database.run(
          """
          INSERT INTO noise (execution, position, metric, scale, level, deviation, estimate, pairs, false_alarm)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """, execution, SQLValue(position), .text(noise.metric.word), .text(noise.scale.rawValue),
          .real(noise.level), .real(noise.deviation), .real(noise.estimate), SQLValue(noise.pairs),
          SQLValue(noise.isFalseAlarm ? 1 : 0))
      }
    }
  }

  /// Newest first; of every experiment when `experiment` is nil.
  package func calibrations(of experiment: String?) throws(StoreError) -> [Calibration] {
    let found = try database.rows(
      """
      SELECT e.id, e.experiment, e.number, e.started, c.environment, c.load, c.pairs, c.block_seconds, c.pair_seconds,
        c.objections
      FROM calibrations c JOIN executions e ON e.id = c.execution
      WHERE ?1 IS NULL OR e.experiment = ?1 ORDER BY e.id DESC
      """, SQLValue(experiment)
    ) { row throws(StoreError) in
      let calibration = Calibration(
        execution: ExecutionID(experiment: row.text(1), number: row.int(2)), started: try moment(row, 3),
        environment: row.text(4), load: row.text(5), pairs: row.int(6), blockSeconds: row.double(7),
        pairSeconds: row.double(8), noise: [], objections: row.text(9).split(separator: "\n").map(String.init))
      return (id: row.int(0), calibration: calibration)
    }
    var calibrations: [Calibration] = []
    for (id, calibration) in found {
      var calibration = calibration
      calibration.noise = try noise(of: id)
      calibrations.append(calibration)
    }
    return calibrations
  }

  /// A metric that this poolops does not know any more is passed over.
  private func noise(of execution: Int) throws(StoreError) -> [MetricNoise] {
    try database.rows(
      """
      SELECT metric, scale, level, deviation, estimate, pairs, false_alarm
      FROM noise WHERE execution = ? ORDER BY position
      """, SQLValue(execution)
    ) { row throws(StoreError) -> MetricNoise? in
      guard let metric = Metric(word: row.text(0)) else { return nil }
      let numbers = [row.double(2), row.double(3)]
      guard numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) else { throw damaged("the noise \(numbers)") }
      return MetricNoise(
        metric: metric, scale: try word(row.text(1)), level: numbers[0], deviation: numbers[1],
        estimate: row.double(4), pairs: row.int(5), isFalseAlarm: row.int(6) != 0)
    }.compactMap { $0 }
  }
}

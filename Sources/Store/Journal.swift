import Model

/// The change journal: an undo is on disk before the change is made.
extension ResultsStore {
  /// Notes what is about to be changed and what was there before. Touch the target only after this has returned.
  package func recordChange(
    execution: ExecutionID, target: String, locator: String, before: String?, after: String?, at moment: Timestamp
  ) throws(StoreError) -> Change {
    try write { () throws(StoreError) in
      let id = try database.insert(
        """
        INSERT INTO changes (execution, target, locator, before, after, state, recorded, updated)
        VALUES (?, ?, ?, ?, ?, 'recorded', ?, ?)
        """, try row(of: execution), .text(target), .text(locator), SQLValue(before), SQLValue(after),
        SQLValue(moment), SQLValue(moment))
      return Change(
        id: id, execution: execution, target: target, locator: locator, before: before, after: after,
        state: .recorded, recorded: moment)
    }
  }

  package func setChange(_ id: Int, state: Change.State, at moment: Timestamp) throws(StoreError) {
    try change(
      "change \(id)", "UPDATE changes SET state = ?, updated = ? WHERE id = ?",
      .text(state.rawValue), SQLValue(moment), SQLValue(id))
  }

  /// Closes the changes of one undo together, all or none: half a closed journal would name the wrong original.
  package func closeChanges(_ ids: [Int], state: Change.State, at moment: Timestamp) throws(StoreError) {
    try write { () throws(StoreError) in
      for id in ids {
        try database.run(
          "UPDATE changes SET state = ?, updated = ? WHERE id = ?", .text(state.rawValue), SQLValue(moment),
          SQLValue(id))
      }
    }
  }

  /// The changes that still owe an undo or a decision, oldest first, of all executions.
  package func openChanges() throws(StoreError) -> [Change] {
    try database.rows(
      """
      SELECT c.id, e.experiment, e.number, c.target, c.locator, c.before, c.after, c.state, c.recorded
      FROM changes c JOIN executions e ON e.id = c.execution
      WHERE c.state IN ('recorded', 'applied', 'verified') ORDER BY c.id
      """
    ) { row throws(StoreError) in
      Change(
        id: row.int(0), execution: ExecutionID(experiment: row.text(1), number: row.int(2)), target: row.text(3),
        locator: row.text(4), before: row.optionalText(5), after: row.optionalText(6),
        state: try word(row.text(7)), recorded: Timestamp(microseconds: Int64(row.int(8))))
    }
  }
}

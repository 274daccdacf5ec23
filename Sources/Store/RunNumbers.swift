import Model

/// Which runs there are, and which there were.
extension ResultsStore {
  /// Every run that is recorded now.
  package func runIDs() throws(StoreError) -> Set<RunID> {
    Set(try database.rows("SELECT id FROM runs") { row in RunID(row.int(0)) })
  }

  /// The highest number that was ever given to a run, also when that run was deleted since; 0 when there was none.
  package func highestRunNumber() throws(StoreError) -> Int {
    try database.integer("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")
  }
}

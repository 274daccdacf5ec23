import Model

/// Names that people gave to runs.
extension ResultsStore {
  /// Gives `run` the name; another run that had it loses it. Gives the run that had it before, nil when it is new.
  @discardableResult
  package func tag(_ run: RunID, _ name: String, at moment: Timestamp) throws(StoreError) -> RunID? {
    try write { () throws(StoreError) in
      guard try database.integer("SELECT count(*) FROM runs WHERE id = ?", SQLValue(run.number)) == 1 else {
        throw missing("\(run)")
      }
      let previous = try self.run(tagged: name)
      try database.run(
        """
        INSERT INTO tags (name, run, set_at) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET run = excluded.run, set_at = excluded.set_at
        """, .text(name), SQLValue(run.number), SQLValue(moment))
      return previous
    }
  }

  /// Takes the name away; gives the run that had it, nil when there was none.
  @discardableResult
  package func untag(_ name: String) throws(StoreError) -> RunID? {
    try write { () throws(StoreError) in
      let run = try self.run(tagged: name)
      try database.run("DELETE FROM tags WHERE name = ?", .text(name))
      return run
    }
  }

  /// All tags, by name.
  package func tags() throws(StoreError) -> [Tag] {
    try database.rows("SELECT name, run, set_at FROM tags ORDER BY name") { row throws(StoreError) in
      Tag(name: row.text(0), run: RunID(row.int(1)), set: try moment(row, 2))
    }
  }

  package func run(tagged name: String) throws(StoreError) -> RunID? {
    try database.rows("SELECT run FROM tags WHERE name = ?", .text(name)) { row in RunID(row.int(0)) }.first
  }
}

import Model

/// What people vouched for. Only ever added to.
extension ResultsStore {
  package func record(_ signOff: SignOff) throws(StoreError) {
    try write { () throws(StoreError) in
      try database.run(
        "INSERT INTO sign_offs (item, signed_by, date, subject, note, at) VALUES (?, ?, ?, ?, ?, ?)",
        .text(signOff.item), .text(signOff.signedBy), .text(signOff.date), .text(signOff.subject), .text(signOff.note),
        SQLValue(signOff.at))
    }
  }

  /// The newest of each item, by item.
  package func newestSignOffs() throws(StoreError) -> [SignOff] {
    try signOffs(where: "id IN (SELECT max(id) FROM sign_offs GROUP BY item) ORDER BY item")
  }

  /// All of one item, newest first.
  package func signOffs(of item: String) throws(StoreError) -> [SignOff] {
    try signOffs(where: "item = ? ORDER BY id DESC", .text(item))
  }

  private func signOffs(where condition: String, _ values: SQLValue...) throws(StoreError) -> [SignOff] {
    let statement = try Statement(
      database, "SELECT item, signed_by, date, subject, note, at FROM sign_offs WHERE \(condition)")
    try statement.bind(values)
    var found: [SignOff] = []
    while try statement.step() {
      found.append(
        SignOff(
          item: statement.text(0), signedBy: statement.text(1), date: statement.text(2), subject: statement.text(3),
          note: statement.text(4), at: try moment(statement, 5)))
    }
    return found
  }
}

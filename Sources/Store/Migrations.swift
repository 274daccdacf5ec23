/// The tables of results.db, version by version. A script that was once released is never edited: add the next one.
enum Migrations {
  /// Marks the file as one of poolops: "pool" in ASCII.
  static let applicationID = 0x706f_6f6c
  static let all: [String] = [
    Schema.version1, Schema.version2, Schema.version3, Schema.version4, Schema.version5, Schema.version6,
    Schema.version7, Schema.version8,
  ]
  static var current: Int { all.count }

  /// Brings an empty or older database to the newest version, all in one transaction.
  static func bringUpToDate(_ database: Database, scripts: [String] = all) throws(StoreError) {
    let version = try database.integer("PRAGMA user_version")
    guard version <= scripts.count else {
      throw StoreError(.newer(version: version), path: database.path, message: "user_version is \(version)")
    }
    guard version < scripts.count else { return }
    try database.transaction { () throws(StoreError) in
      // Somebody else may have done it while this one waited for the lock.
      let version = try database.integer("PRAGMA user_version")
      for script in scripts.dropFirst(version) { try database.execute(script) }
      try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(scripts.count)")
    }
  }
}

/// How a results database is opened.
package enum OpenMode: Hashable, Sendable {
  /// Changes nothing that was recorded; works on a file or folder that may not be written.
  case readOnly
  /// Creates the file when there is none; its folder must exist.
  case readWrite
}

/// results.db: everything that was ever measured, decided and changed. One writer, used from one thread at a time.
///
/// While something is being recorded the file is in WAL mode with `synchronous=FULL`, so each recording call is on
/// disk when it returns, and readers are not held up. At rest it is a single file in rollback-journal mode, which git
/// can hold and which anybody can read from a folder that may not be written.
package final class ResultsStore {
  package let path: String
  let database: Database
  private let mode: OpenMode
  private var isRecording = false
  /// The version of the tables in the file; an older one is read as if it had been brought up to date.
  package let version: Int
  /// The version that this poolops writes.
  package static var currentVersion: Int { Migrations.current }

  private init(path: String, mode: OpenMode, database: Database, version: Int) {
    self.path = path
    self.mode = mode
    self.database = database
    self.version = version
  }

  deinit { close() }

  /// Opens the database at `path`; throws before anything is written when the file is not one that this poolops can use.
  package static func open(path: String, mode: OpenMode) throws(StoreError) -> ResultsStore {
    try open(path: path, mode: mode, migrations: Migrations.all)
  }

  static func open(path: String, mode: OpenMode, migrations: [String]) throws(StoreError) -> ResultsStore {
    let file = try FileFacts(path: path)
    switch mode {
    case .readOnly:
      let (database, version) = try openForReading(file, migrations)
      return ResultsStore(path: path, mode: mode, database: database, version: version)
    case .readWrite:
      let database = try openForWriting(file, migrations)
      return ResultsStore(path: path, mode: mode, database: database, version: migrations.count)
    }
  }

  private static func openForWriting(_ file: FileFacts, _ migrations: [String]) throws(StoreError) -> Database {
    try file.expectWritable()
    let database = try Database(path: file.path, access: .readWrite)
    do throws(StoreError) {
      try database.execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL")
      if file.holdsData { try expectSound(database) }
      try Migrations.bringUpToDate(database, scripts: migrations)
    } catch {
      database.close()
      // On a full disk: an empty file would be taken for one that has lost everything.
      file.removeWhatWasMade()
      throw error
    }
    return database
  }

  private static func openForReading(
    _ file: FileFacts, _ migrations: [String]
  ) throws(StoreError) -> (Database, version: Int) {
    guard file.exists else { throw StoreError(.notFound, path: file.path, message: "there is no such file") }
    guard file.holdsData else { throw StoreError(.empty, path: file.path, message: "it has 0 bytes") }
    let database = try Database(path: file.path, access: try file.readAccess())
    let version = try database.integer("PRAGMA user_version")
    let isOlder = version < migrations.count
    let readable = isOlder ? try Database(path: file.path, access: .memory) : database
    // An older file is brought up to date in memory: reading must not change what is on disk.
    if isOlder { try database.copy(into: readable) }
    try Migrations.bringUpToDate(readable, scripts: migrations)
    try readable.execute("PRAGMA query_only = ON")
    return (readable, version)
  }

  /// Writing into broken pages would make things worse.
  private static func expectSound(_ database: Database) throws(StoreError) {
    let found = try database.rows("PRAGMA quick_check(1)") { row in row.text(0) }
    guard found == ["ok"] else {
      throw StoreError(.damaged, path: database.path, message: found.first ?? "it cannot be checked")
    }
  }

  /// Folds what is still in the write-ahead log into the file and removes the log. The store is of no use afterwards.
  /// Happens by itself when the store goes out of use; a command that ends with `exit` calls it.
  package func close() {
    guard database.isOpen else { return }
    if isRecording {
      // Fails at once when somebody is reading just now; then the last reader removes the log.
      database.setBusyTimeout(milliseconds: 0)
      try? database.execute("PRAGMA journal_mode = DELETE")
    }
    database.close()
  }

  /// All that changes the file goes through here.
  @discardableResult
  func write<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    guard mode == .readWrite else {
      throw StoreError(.unwritable, path: path, message: "it was opened for reading only")
    }
    if !isRecording {
      // Where the file system has no shared memory SQLite stays in rollback mode, which is as durable.
      try database.execute("PRAGMA journal_mode = WAL")
      isRecording = true
    }
    return try database.transaction(body)
  }

  /// What is wrong with the file, line by line; empty when it is sound.
  package func integrityCheck() throws(StoreError) -> [String] {
    let found = try database.rows("PRAGMA integrity_check") { row in row.text(0) }
    let orphans = try database.rows("PRAGMA foreign_key_check") { row in
      "a row of \(row.text(0)) belongs to no row of \(row.text(2))"
    }
    return found.filter { $0 != "ok" } + orphans
  }
}

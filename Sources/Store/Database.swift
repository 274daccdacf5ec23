internal import CSQLite
import Glibc

/// What a column can hold.
enum SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  init(integerLiteral value: Int64) { self = .integer(value) }
  init(stringLiteral value: String) { self = .text(value) }
  init(_ value: Int) { self = .integer(Int64(value)) }
  init(_ value: Int64?) { self = value.map(SQLValue.integer) ?? .null }
  init(_ value: String?) { self = value.map(SQLValue.text) ?? .null }
}

/// The handle of one open SQLite file. Used from one thread at a time.
final class Database {
  enum Access {
    /// Creates the file when there is none.
    case readWrite
    /// Reads, and may recover and tidy up after a writer that died.
    case query
    /// For a file that nobody can change: SQLite takes no locks and makes no files beside it.
    case immutable
    case memory
  }

  let path: String
  private var handle: OpaquePointer?

  init(path: String, access: Access, busyTimeout: Int32 = 10_000) throws(StoreError) {
    self.path = path
    let code = sqlite3_open_v2(Self.name(path, access), &handle, Self.flags(access), nil)
    guard code == SQLITE_OK else { throw error() }
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, busyTimeout)
  }

  deinit { close() }

  private static func flags(_ access: Access) -> Int32 {
    let common = SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX
    return switch access {
    case .readWrite, .memory: common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    case .query: common | SQLITE_OPEN_READWRITE
    case .immutable: common | SQLITE_OPEN_READONLY
    }
  }

  private static func name(_ path: String, _ access: Access) -> String {
    switch access {
    case .memory: ":memory:"
    case .immutable: uri(path) + "?immutable=1"
    case .readWrite, .query: uri(path)
    }
  }

  /// The path as a `file:` URI: all but plain letters is escaped, so that `?` and `%` in a name stay part of it.
  private static func uri(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF")
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-".utf8)
    return path.utf8.reduce(into: "file:") { uri, byte in
      if plain.contains(byte) {
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        uri += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }

  /// Closes the file; the last one to close it folds the write-ahead log into it. Later use throws.
  func close() {
    sqlite3_close_v2(handle)
    handle = nil
  }

  var isOpen: Bool { handle != nil }

  private func open() throws(StoreError) -> OpaquePointer {
    guard let handle else { throw StoreError(.sql, path: path, message: "the database is closed") }
    return handle
  }

  fileprivate func prepare(_ sql: String) throws(StoreError) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(try open(), sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw error() }
    return statement
  }

  /// SQLite's last error on this handle.
  fileprivate func error() -> StoreError {
    let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "out of memory"
    return StoreError(
      path: path, extendedCode: sqlite3_extended_errcode(handle), systemError: sqlite3_system_errno(handle),
      message: message)
  }

  /// A script of statements without parameters.
  func execute(_ script: String) throws(StoreError) {
    guard sqlite3_exec(try open(), script, nil, nil, nil) == SQLITE_OK else { throw error() }
  }

  /// Runs one statement to its end; gives the number of rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
    let statement = try Statement(self, sql)
    try statement.run(values)
    return Int(sqlite3_changes64(handle))
  }

  /// Runs one INSERT; gives the id of the new row.
  func insert(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
    let statement = try Statement(self, sql)
    try statement.run(values)
    return Int(sqlite3_last_insert_rowid(handle))
  }

  func rows<Row>(
    _ sql: String, _ values: SQLValue..., read: (borrowing Statement) throws(StoreError) -> Row
  ) throws(StoreError) -> [Row] {
    let statement = try Statement(self, sql)
    try statement.bind(values)
    var rows: [Row] = []
    while try statement.step() { rows.append(try read(statement)) }
    return rows
  }

  /// The first column of the first row; 0 when there is none.
  func integer(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
    let statement = try Statement(self, sql)
    try statement.bind(values)
    return try statement.step() ? statement.int(0) : 0
  }

  /// All or nothing. Takes the write lock at once, so that a busy file is noticed before any work.
  func transaction<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    try execute("BEGIN IMMEDIATE")
    do {
      let value = try body()
      try execute("COMMIT")
      return value
    } catch {
      // A full disk has rolled back by itself already; then there is nothing left to undo.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// Whatever another process records meanwhile: all that `body` reads is of one moment.
  func snapshot<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
    try execute("BEGIN")
    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    return try body()
  }

  /// Copies everything into `other`, which loses what it held.
  func copy(into other: Database) throws(StoreError) {
    guard let backup = sqlite3_backup_init(other.handle, "main", handle, "main") else { throw other.error() }
    sqlite3_backup_step(backup, -1)
    guard sqlite3_backup_finish(backup) == SQLITE_OK else { throw other.error() }
  }

  func setBusyTimeout(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }
}

/// A prepared statement; keeps its database alive. Columns are read between one `step` and the next.
struct Statement: ~Copyable {
  private let database: Database
  private let handle: OpaquePointer

  init(_ database: Database, _ sql: String) throws(StoreError) {
    self.database = database
    handle = try database.prepare(sql)
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs to the end, and is then ready to run again with other values.
  func run(_ values: [SQLValue]) throws(StoreError) {
    try bind(values)
    while try step() {}
  }

  func bind(_ values: [SQLValue]) throws(StoreError) {
    for (index, value) in values.enumerated() {
      guard bind(value, at: Int32(index + 1)) == SQLITE_OK else { throw database.error() }
    }
  }

  private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(handle, index)
    case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
    case .real(let real): sqlite3_bind_double(handle, index, real)
    case .text(let text):
      // With its length, so that a zero byte inside a text does not cut it off.
      sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), poolops_sqlite_transient())
    case .blob(let bytes):
      // An empty array may have no address, which SQLite would take for NULL.
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), poolops_sqlite_transient())
    }
  }

  /// Goes to the next row; false after the last one, when the statement has let go of its locks.
  func step() throws(StoreError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    default:
      let error = database.error()
      sqlite3_reset(handle)
      throw error
    }
  }

  func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }
  func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
  func text(_ column: Int32) -> String { optionalText(column) ?? "" }

  func optionalText(_ column: Int32) -> String? {
    guard let start = sqlite3_column_text(handle, column) else { return nil }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// Whether the column holds exactly this text.
  func isText(_ column: Int32, _ bytes: ContiguousArray<UInt8>) -> Bool {
    guard let start = sqlite3_column_text(handle, column),
      Int(sqlite3_column_bytes(handle, column)) == bytes.count
    else { return false }
    return bytes.withUnsafeBytes { bytes in bytes.baseAddress.map { memcmp(start, $0, bytes.count) == 0 } ?? true }
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }
}

/// Reads words that come in the same order again and again, as gauges do in each sample, without making texts of them.
struct WordSequence<Word: RawRepresentable & CaseIterable> where Word.RawValue == String {
  private let known = Word.allCases.map { (word: $0, bytes: ContiguousArray($0.rawValue.utf8)) }
  /// Which word came after which.
  private var successors: [Int]
  private var last = 0

  init() { successors = Array(known.indices) }

  /// The word in the column; nil when it is not known.
  mutating func next(_ row: borrowing Statement, _ column: Int32) -> Word? {
    let guess = successors[last]
    if row.isText(column, known[guess].bytes) {
      last = guess
      return known[guess].word
    }
    guard let found = known.indices.first(where: { row.isText(column, known[$0].bytes) }) else { return nil }
    successors[last] = found
    last = found
    return known[found].word
  }
}

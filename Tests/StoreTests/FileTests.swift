import Glibc
import Model
import Testing

@testable import Store

/// What happens to the file itself: at rest, after a crash, when it is foreign, newer, broken, full or may not be written.
@Suite struct FileTests {
  let folder = TemporaryFolder()
  let sample = Sample()

  @Test func `at rest it is one file that needs no other to be read`() throws {
    let store = try ResultsStore.open(path: folder.database, mode: .readWrite)
    try sample.record(in: store)
    #expect(folder.contents.contains("results.db-wal"))
    store.close()
    #expect(folder.contents == ["results.db"])
    #expect(Array(read(folder.database)[18...19]) == [1, 1], "rollback-journal mode")
    #expect(throws: StoreError.self) { try store.runs() }
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `opening without recording leaves the file as it was`(mode: OpenMode) throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    let before = read(folder.database)
    try withStore(folder.database, mode) { _ = try $0.executions(of: nil) }
    #expect(read(folder.database) == before)
    #expect(folder.contents == ["results.db"])
  }

  @Test func `a reader sees what a writer has recorded so far, and writes nothing`() throws {
    let writer = try ResultsStore.open(path: folder.database, mode: .readWrite)
    try sample.record(in: writer)
    let reader = try ResultsStore.open(path: folder.database, mode: .readOnly)
    #expect(try reader.runs().count == 1)
    let fault = #expect(throws: StoreError.self) {
      try reader.recordEvent(nil, kind: "note", text: "no", at: moment(0))
    }
    #expect(fault?.code == .unwritable)
    writer.close()
    #expect(try reader.runs().count == 1)
    reader.close()
    #expect(folder.contents == ["results.db"])
  }

  /// What `kill -9` leaves: the files as they are at one instant.
  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `files copied in the middle of a transaction hold all that was committed and nothing else`(mode: OpenMode) throws
  {
    let store = try ResultsStore.open(path: folder.database, mode: .readWrite)
    let (id, run) = try sample.record(in: store, finished: false)
    // A cache of one page pushes uncommitted pages into the log.
    try store.database.execute("PRAGMA cache_size = 1; BEGIN IMMEDIATE; PRAGMA cache_spill = 1")
    try store.database.execute(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO events (kind, text, at) SELECT 'torn', 'never committed', i FROM n
      """)
    let copy = TemporaryFolder()
    for name in folder.contents { write(read(folder.path + "/" + name), to: copy.path + "/" + name) }
    #expect(copy.contents.contains("results.db-wal"))
    try withStore(copy.database, mode) { copied throws in
      #expect(try copied.integrityCheck() == [])
      #expect(try copied.unfinishedExecutions() == [id])
      #expect(try copied.recordedRun(run)?.blocks.first?.slices == sample.slices)
      #expect(try copied.database.integer("SELECT count(*) FROM events") == 0)
    }
    #expect(copy.contents == ["results.db"])
  }

  @Test func `a log cut short at any place loses no more than what came after the cut`() throws {
    let store = try ResultsStore.open(path: folder.database, mode: .readWrite)
    try sample.record(in: store)
    let file = read(folder.database)
    let log = read(folder.database + "-wal")
    for cut in stride(from: 0, through: log.count, by: 3001) {
      let copy = TemporaryFolder()
      write(file, to: copy.database)
      write(Array(log.prefix(cut)), to: copy.database + "-wal")
      try withStore(copy.database) { copied throws in
        #expect(try copied.integrityCheck() == [])
        try copied.recordEvent(nil, kind: "note", text: "goes on", at: moment(0))
      }
    }
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `a database of a newer poolops is refused and left as it was`(mode: OpenMode) throws {
    try withStore(folder.database) { try $0.database.execute("PRAGMA user_version = 99") }
    let before = read(folder.database)
    let fault = try #require(openingFault(folder.database, mode))
    #expect(fault.code == .newer(version: 99))
    #expect(fault.description.contains("version 99"))
    #expect(read(folder.database) == before)
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `an older database is brought up to date, by a reader in memory only`(mode: OpenMode) throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    let before = read(folder.database)
    let scripts = Migrations.all + ["ALTER TABLE events ADD COLUMN place TEXT NOT NULL DEFAULT 'here'"]
    let store = try ResultsStore.open(path: folder.database, mode: mode, migrations: scripts)
    #expect(try store.database.integer("SELECT count(*) FROM events WHERE place = 'here'") == 1)
    #expect(try store.database.integer("PRAGMA user_version") == scripts.count)
    #expect(try store.runs().count == 1)
    store.close()
    #expect((read(folder.database) == before) == (mode == .readOnly))
  }

  @Test func `a migration that fails leaves the older database`() throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    let scripts = Migrations.all + ["ALTER TABLE events ADD COLUMN place TEXT; SELECT nonsense"]
    #expect(throws: StoreError.self) {
      try ResultsStore.open(path: folder.database, mode: .readWrite, migrations: scripts)
    }
    #expect(try withStore(folder.database) { try $0.integrityCheck() } == [])
  }

  struct Foreign: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var code: StoreError.Code
  }

  static let foreign: [Foreign] = [
    Foreign(testDescription: "a text", bytes: Array("version: 1\ntitle: not a database\n".utf8), code: .foreign),
    Foreign(testDescription: "one byte", bytes: [0], code: .foreign),
    Foreign(testDescription: "a magic and no more", bytes: Array("SQLite format 3\0".utf8), code: .foreign),
    Foreign(testDescription: "zeros", bytes: [UInt8](repeating: 0, count: 8192), code: .foreign),
  ]

  @Test(arguments: foreign, [OpenMode.readOnly, .readWrite])
  func `a file that is no database is refused and untouched`(file: Foreign, mode: OpenMode) throws {
    write(file.bytes, to: folder.database)
    let fault = try #require(openingFault(folder.database, mode))
    #expect(fault.code == file.code && fault.description.contains(folder.database))
    #expect(read(folder.database) == file.bytes)
    #expect(folder.contents == ["results.db"])
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `the database of another program is refused and untouched`(mode: OpenMode) throws {
    let other = try Database(path: folder.database, access: .readWrite)
    try other.execute("CREATE TABLE notes (text); PRAGMA user_version = 1")
    other.close()
    let before = read(folder.database)
    #expect(openingFault(folder.database, mode)?.code == .foreign)
    #expect(read(folder.database) == before)
  }

  @Test(arguments: [
    "slices SET second = 1000000000 WHERE second = 0", "slices SET second = 9223372036854775807 WHERE second = 0",
    "slices SET due = -1",
    "slices SET completed = 9223372036854775807", "slices SET active_max = -1", "slices SET active_mean = 9e999",
    "slices SET generator_cpu = -1", "failures SET count = -3", "failures SET count = 9223372036854775807",
    "readings SET value = 9e999", "readings SET value = -1", "moments SET second = -9e999 WHERE second > 0",
    "blocks SET pair = -1", "blocks SET in_flight_at_end = -1", "blocks SET ended = -1",
    "runs SET started = 9223372036854775807", "executions SET started = -9223372036854775808",
  ]) func `a number that no recording can hold is damage, and no trap`(edit: String) throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    try withStore(folder.database) { try $0.database.execute("UPDATE \(edit)") }
    let fault = #expect(throws: StoreError.self) {
      try withStore(folder.database, .readOnly) {
        _ = try $0.recordedRun(RunID(1))
        _ = try $0.executions(of: nil)
      }
    }
    #expect(fault?.code == .damaged && fault?.message.contains("has no meaning there") == true)
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `a database that lost its end is reported as damaged and untouched`(mode: OpenMode) throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    let cut = Array(read(folder.database).dropLast(5000))
    write(cut, to: folder.database)
    #expect(openingFault(folder.database, mode)?.code == .damaged)
    #expect(read(folder.database) == cut)
  }

  @Test func `a database with broken pages is not written to`() throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    var bytes = read(folder.database)
    for index in 4096..<min(bytes.count, 5 * 4096) { bytes[index] = 0xA5 }
    write(bytes, to: folder.database)
    #expect(openingFault(folder.database, .readWrite)?.code == .damaged)
    #expect(read(folder.database) == bytes)
  }

  @Test func `a full disk is told apart, and what was recorded before is intact`() throws {
    let store = try ResultsStore.open(path: folder.database, mode: .readWrite)
    let (_, run) = try sample.record(in: store)
    let pages = try store.database.integer("PRAGMA page_count")
    try store.database.execute("PRAGMA max_page_count = \(pages)")
    var big = Slice(second: 1)
    big.histograms = [.latency: [UInt8](repeating: 7, count: 100_000)]
    let fault = #expect(throws: StoreError.self) { try store.append(slices: [big], samples: [], toBlock: 1) }
    #expect(fault?.code == .full)
    #expect(try store.integrityCheck() == [])
    #expect(try store.recordedRun(run)?.blocks.first?.slices == sample.slices)
    try store.database.execute("PRAGMA max_page_count = 1000000")
    try store.append(slices: [big], samples: [], toBlock: 1)
    #expect(try store.recordedRun(run)?.blocks.first?.slices.last == big)
  }

  @Test func `a lock that is held for too long is told apart`() throws {
    try withStore(folder.database) { store throws in
      try sample.record(in: store)
      let other = try Database(path: folder.database, access: .readWrite)
      try other.execute("BEGIN IMMEDIATE")
      store.database.setBusyTimeout(milliseconds: 1)
      let fault = #expect(throws: StoreError.self) { try store.recordEvent(nil, kind: "", text: "", at: moment(0)) }
      #expect(fault?.code == .busy)
      other.close()
      try store.recordEvent(nil, kind: "", text: "", at: moment(0))
    }
  }

  /// The database in a folder that may not be written, read by somebody without the right to.
  private func readOnlyFolder(wal: Bool, _ body: () throws -> Void) throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    if wal {
      let database = try Database(path: folder.database, access: .readWrite)
      try database.execute("PRAGMA journal_mode = WAL")
      database.close()
    }
    chmod(folder.database, 0o444)
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    try unprivileged(body)
  }

  @Test(arguments: [false, true])
  func `a folder that may not be written can be read, in either journal mode`(wal: Bool) throws {
    try readOnlyFolder(wal: wal) {
      try withStore(folder.database, .readOnly) { store throws in
        #expect(try store.runs().count == 1)
      }
      let fault = try #require(openingFault(folder.database, .readWrite))
      #expect(fault.code == .unwritable && fault.description.contains("no permission to write the file"))
    }
    #expect(folder.contents == ["results.db"])
  }

  @Test func `an unfinished log in a folder that may not be written is said, not passed over`() throws {
    try readOnlyFolder(wal: true) {
      #expect(openingFault(folder.database, .readOnly) == nil)
    }
    write([1, 2, 3], to: folder.database + "-wal")
    try readOnlyFolderAgain()
  }

  private func readOnlyFolderAgain() throws {
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    unprivileged {
      let fault = openingFault(folder.database, .readOnly)
      #expect(fault?.code == .unwritable && fault?.description.contains("results.db-wal") == true)
    }
  }

  struct Absent: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var path: String
    var mode: OpenMode
    var code: StoreError.Code
  }

  static let absent: [Absent] = [
    Absent(testDescription: "no file to read", path: "results.db", mode: .readOnly, code: .notFound),
    Absent(testDescription: "no folder to read", path: "none/results.db", mode: .readOnly, code: .notFound),
    Absent(testDescription: "no folder to write", path: "none/results.db", mode: .readWrite, code: .notFound),
    Absent(testDescription: "a folder", path: "", mode: .readWrite, code: .foreign),
  ]

  @Test(arguments: absent)
  func `what is not there is said`(absent: Absent) {
    #expect(openingFault(folder.path + "/" + absent.path, absent.mode)?.code == absent.code)
    #expect(folder.contents == [])
  }

  @Test(arguments: ["a b.db", "50%25.db", "what?mode=memory.db", "ünïcode#1.db"])
  func `a path is a path, whatever signs it has`(name: String) throws {
    try withStore(folder.path + "/" + name) { try sample.record(in: $0) }
    #expect(folder.contents == [name])
    #expect(try withStore(folder.path + "/" + name, .readOnly) { try $0.runs().count } == 1)
  }

  @Test func `an empty file is told apart from none, and filled`() throws {
    write([], to: folder.database)
    #expect(openingFault(folder.database, .readOnly)?.code == .empty)
    try withStore(folder.database) { try sample.record(in: $0) }
    #expect(try withStore(folder.database, .readOnly) { try $0.runs().count } == 1)
  }

  @Test func `a file that could not be filled is not left behind, but one that was there stays`() throws {
    for isThere in [false, true] {
      if isThere { write([], to: folder.database) }
      #expect(throws: StoreError.self) {
        try ResultsStore.open(
          path: folder.database, mode: .readWrite, migrations: ["CREATE TABLE a (b); SELECT nonsense"])
      }
      #expect(folder.contents == (isThere ? ["results.db"] : []))
    }
  }

  /// SQLite removes such a log without a word.
  @Test(arguments: [[], nil] as [[UInt8]?])
  func `a log whose database is empty or gone is not lost`(database: [UInt8]?) throws {
    let store = try ResultsStore.open(path: folder.database, mode: .readWrite)
    try sample.record(in: store)
    let log = read(folder.database + "-wal")
    let copy = TemporaryFolder()
    write(log, to: copy.database + "-wal")
    if let database { write(database, to: copy.database) }
    let before = copy.contents
    for mode in [OpenMode.readWrite, .readOnly] { #expect(openingFault(copy.database, mode) != nil) }
    #expect(openingFault(copy.database, .readWrite)?.description.contains("results.db-wal is there") == true)
    #expect(copy.contents == before && read(copy.database + "-wal") == log)
  }

  @Test func `a file that we may not see or read is not said to be none`() throws {
    try withStore(folder.database) { try sample.record(in: $0) }
    chmod(folder.database, 0)
    unprivileged { #expect(openingFault(folder.database, .readOnly)?.code == .unreadable) }
    chmod(folder.database, 0o644)
    chmod(folder.path, 0)
    defer { chmod(folder.path, 0o755) }
    unprivileged { #expect(openingFault(folder.database, .readOnly)?.code == .unreadable) }
  }
}

import Model
import Testing

@testable import Store

/// The recordings of an older poolops, and files that are not as they should be.
@Suite struct MigrationTests {
  let folder = TemporaryFolder()

  /// As poolops left it before there were tags.
  static func versionOne(at path: String) throws {
    let database = try Database(path: path, access: .readWrite)
    try database.execute(Schema.version1)
    try database.execute("PRAGMA application_id = \(Migrations.applicationID); PRAGMA user_version = 1")
    try database.execute(
      """
      INSERT INTO executions VALUES (1, 'peak', 1, 'kept', 1795200000000000, NULL, '7', 'version: 1', 'abc');
      INSERT INTO runs VALUES (1, 1, 'baseline', 'finished', 1795200000000000, NULL);
      """)
    database.close()
  }

  @Test func `a database of version 1 is read as it is, and migrated by the first writer`() throws {
    try Self.versionOne(at: folder.database)
    let before = read(folder.database)
    try withStore(folder.database, .readOnly) { store throws in
      #expect(try store.runs().map(\.id) == [RunID(1)])
      #expect(try store.tags() == [] && store.newestSignOffs() == [])
    }
    #expect(read(folder.database) == before && folder.contents == ["results.db"])
    try withStore(folder.database) { try $0.tag(RunID(1), "golden", at: moment(1)) }
    try withStore(folder.database, .readOnly) { store throws in
      #expect(try store.database.integer("PRAGMA user_version") == Migrations.current)
      #expect(try store.runs().map(\.id) == [RunID(1)])
      #expect(try store.run(tagged: "golden") == RunID(1))
      #expect(try store.integrityCheck() == [])
    }
  }

  /// Every table, index and view is the same, whatever version the file began with.
  @Test func `a migrated database has the tables of a new one`() throws {
    let new = TemporaryFolder()
    try Self.versionOne(at: folder.database)
    let schemas = try [folder, new].map { place in
      try withStore(place.database) { store throws in
        try store.database.rows("SELECT type || ' ' || name || ' ' || sql FROM sqlite_schema ORDER BY 1") { $0.text(0) }
      }
    }
    #expect(schemas[0] == schemas[1] && schemas[0].count > 20)
  }

  /// The file that the repository holds, whatever its version: copied, because a writer may migrate it.
  @Test func `the committed recordings are readable, can be migrated, and keep every run`() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let bytes = read("/\(root)/results.db")
    guard !bytes.isEmpty else { return }
    write(bytes, to: folder.database)
    let runs = try withStore(folder.database, .readOnly) { try $0.runs() }
    #expect(!runs.isEmpty && read(folder.database) == bytes)
    let run = try #require(runs.first)
    try withStore(folder.database) { try $0.tag(run.id, "newest", at: moment(0)) }
    try withStore(folder.database, .readOnly) { store throws in
      #expect(try store.runs() == runs)
      #expect(try store.run(tagged: "newest") == run.id)
      #expect(try store.integrityCheck() == [])
      for run in runs { _ = try store.recordedRun(run.id) }
    }
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `a database of version 1 that is damaged is reported and never written to`(mode: OpenMode) throws {
    try Self.versionOne(at: folder.database)
    let bytes = Array(read(folder.database).dropLast(5000))
    write(bytes, to: folder.database)
    #expect(openingFault(folder.database, mode)?.code == .damaged)
    #expect(read(folder.database) == bytes && folder.contents == ["results.db"])
  }

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `a database of the next version is refused and left as it was`(mode: OpenMode) throws {
    try Self.versionOne(at: folder.database)
    let next = try Database(path: folder.database, access: .readWrite)
    try next.execute("PRAGMA user_version = \(Migrations.current + 1)")
    next.close()
    let bytes = read(folder.database)
    #expect(openingFault(folder.database, mode)?.code == .newer(version: Migrations.current + 1))
    #expect(read(folder.database) == bytes)
  }
}

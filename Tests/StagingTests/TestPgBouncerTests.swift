import Glibc
import Postgres
import TestSupport
import Testing

/// The helper itself: a test that starts PgBouncer must be able to rely on it.
struct TestPgBouncerTests {
  @Test func `the console answers by the simple protocol, and the folder goes with the last reference`() throws {
    var bouncer: TestPgBouncer? = try TestPgBouncer("default_pool_size = 7", databases: "app = host=/nowhere")
    let folder = try #require(bouncer?.folder)
    let session = try Session(try #require(bouncer?.console))
    let rows = try session.console("SHOW CONFIG")
    let row = try #require(rows.values.firstIndex { $0.first == "default_pool_size" })
    #expect(rows[row, "value"] == "7")
    #expect(throws: PostgresError.self) { try session.console("SELECT 1") }
    session.close()
    bouncer = nil
    #expect(access(folder, F_OK) != 0)
  }

  @Test func `a file that it refuses is told with its log`() {
    #expect(throws: TestProcess.NotStarted.self) { try TestPgBouncer("default_pool_size = banana") }
  }
}

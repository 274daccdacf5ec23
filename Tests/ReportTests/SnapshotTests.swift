import Glibc
import TestSupport
import Testing

@Suite struct SnapshotTests {
  @Test(.disabled(if: recordsSnapshots, "recording passes by intent"))
  func `a missing snapshot is recorded and fails, a different text fails, the same one passes`() throws {
    let folder = "/tmp/poolops-snapshots-\(getpid())"
    try #require(mkdir(folder, 0o700) == 0)
    defer {
      unlink("\(folder)/Snapshots/a.txt")
      rmdir("\(folder)/Snapshots")
      rmdir(folder)
    }
    let file = "\(folder)/Caller.swift"
    withKnownIssue("missing") { expectSnapshot("one\n", "a.txt", file: file) }
    expectSnapshot("one\n", "a.txt", file: file)
    withKnownIssue("different") { expectSnapshot("two\n", "a.txt", file: file) }
    withKnownIssue("alike for Unicode, and other bytes") { expectSnapshot("one\r\n", "a.txt", file: file) }
    expectSnapshot("one\n", "a.txt", file: file)
  }
}

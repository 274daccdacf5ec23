import Model
import Testing

@testable import Store

/// What people add to the recordings: names of runs, and their signatures.
@Suite struct PeopleTests {
  let folder = TemporaryFolder()
  let sample = Sample()

  @Test func `a tag belongs to one run at a time and comes back after closing`() throws {
    try withStore(folder.database) { store throws in
      let (_, first) = try sample.record(in: store)
      let (_, second) = try sample.record(in: store)
      #expect(try store.tag(first, "golden", at: moment(5)) == nil)
      #expect(try store.tag(second, "golden", at: moment(6)) == first)
      try store.tag(second, "before-release", at: moment(7))
      #expect(try store.run(tagged: "golden") == second)
      #expect(throws: StoreError.self) { try store.tag(RunID(77), "nobody", at: moment(8)) }
    }
    let expected = [
      Tag(name: "before-release", run: RunID(2), set: moment(7)), Tag(name: "golden", run: RunID(2), set: moment(6)),
    ]
    #expect(try withStore(folder.database, .readOnly) { try $0.tags() } == expected)
    try withStore(folder.database) { store throws in
      #expect(try store.untag("golden") == RunID(2))
      #expect(try store.untag("golden") == nil)
      #expect(try store.tags().map(\.name) == ["before-release"])
    }
  }

  @Test func `the newest sign-off of an item counts, and none is ever changed or removed`() throws {
    func signOff(_ item: String, _ name: String, _ second: Int64) -> SignOff {
      SignOff(
        item: item, signedBy: name, date: "2026-11-20", subject: "abc", note: "it's \"fine\"", at: moment(second))
    }
    try withStore(folder.database) { store throws in
      for (item, name, second) in [("b", "Ada", 1), ("a", "Grace", 2), ("b", "Barbara", 3)] as [(String, String, Int64)]
      {
        try store.record(signOff(item, name, second))
      }
      #expect(try store.newestSignOffs() == [signOff("a", "Grace", 2), signOff("b", "Barbara", 3)])
      #expect(try store.signOffs(of: "b") == [signOff("b", "Barbara", 3), signOff("b", "Ada", 1)])
      for edit in ["UPDATE sign_offs SET signed_by = 'Eve'", "DELETE FROM sign_offs"] {
        #expect(throws: StoreError.self, "\(edit)") { try store.database.execute(edit) }
      }
      #expect(throws: StoreError.self, "nobody signs") { try store.record(signOff("a", "", 4)) }
      #expect(try store.newestSignOffs().map(\.signedBy) == ["Grace", "Barbara"])
    }
  }
}

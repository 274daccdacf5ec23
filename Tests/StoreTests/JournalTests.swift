import Model
import Testing

@testable import Store

@Suite struct JournalTests {
  let folder = TemporaryFolder()

  @Test func `open changes come back oldest first, with what was there before`() throws {
    let recorded = try withStore(folder.database) { store throws in
      var changes: [Change] = []
      for (number, before) in [nil, "A=1\n", ""].enumerated() {
        let id = try store.beginExecution(experiment: "e\(number)", text: "", digest: "", seed: 0, at: moment(0))
        changes.append(
          try store.recordChange(
            execution: id, target: "builtin", locator: "/staging/app.env", before: before, after: "A=2\n", at: moment(1)
          ))
      }
      return changes
    }
    #expect(try withStore(folder.database, .readOnly) { try $0.openChanges() } == recorded)
  }

  @Test(arguments: Change.State.allCases)
  func `only a change that owes an undo is open`(state: Change.State) throws {
    try withStore(folder.database) { store throws in
      let id = try store.beginExecution(experiment: "e", text: "", digest: "", seed: 0, at: moment(0))
      let change = try store.recordChange(
        execution: id, target: "builtin", locator: "x", before: nil, after: nil, at: moment(1))
      try store.setChange(change.id, state: state, at: moment(2))
      #expect(try store.openChanges().map(\.state) == (state.isOpen ? [state] : []))
    }
  }
}

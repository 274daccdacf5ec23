import Testing
import YAML

@Suite struct YAMLDocumentTests {
  @Test(arguments: [
    ("a: &x 1\nb: *x\n", "a=1 b=1"),
    ("a: &x {c: 1}\nb: *x\n", "a={c=1} b={c=1}"),
    ("a: !tagged 1\n", "a=1"),
  ])
  func `the full dialect writes aliases out and passes tags over`(text: String, expected: String) throws {
    #expect(try YAMLDocument.readAll(Array(text.utf8)).map(words) == [expected])
  }

  @Test func `several documents are read in order, empty ones left out`() throws {
    #expect(try YAMLDocument.readAll(Array("a: 1\n---\n# nothing\n---\nb: 2\n".utf8)).map(words).contains("b=2"))
  }

  @Test(arguments: ["a: &x 1\n", "a: !t 1\n", "a: 1\n---\nb: 2\n"])
  func `the plain dialect refuses anchors, tags and a second document`(text: String) {
    #expect(throws: YAMLFault.self) { try YAMLDocument.read(Array(text.utf8)) }
  }

  @Test func `aliases of aliases end in a fault, not in memory`() {
    var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1...9 { text += "a\(level): &a\(level) [" + String(repeating: "*a\(level - 1), ", count: 10) + "]\n" }
    #expect(throws: YAMLFault.self) { try YAMLDocument.readAll(Array(text.utf8)) }
  }

  @Test(arguments: ["a: &a [*a]\n", "a: *b\n"])
  func `an alias without an anchor before it is a fault`(text: String) {
    #expect(throws: YAMLFault.self) { try YAMLDocument.readAll(Array(text.utf8)) }
  }

  private func words(_ node: Node) -> String {
    switch node.content {
    case .scalar(let text, _): text
    case .list(let nodes): "[" + nodes.map(words).joined(separator: " ") + "]"
    case .map(let entries):
      entries.map { entry in
        if case .map = entry.value.content { return "\(words(entry.key))={\(words(entry.value))}" }
        return "\(words(entry.key))=\(words(entry.value))"
      }.joined(separator: " ")
    }
  }
}

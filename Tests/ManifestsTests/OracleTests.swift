import Configuration
import System
import Testing

@testable import Manifests

/// PyYAML reads the same files: the trees must be the same, and what it refuses must be refused.
@Suite struct OracleTests {
  private static let here = String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex))

  private static let files: [String] = {
    let corpus = FileSystem.entries(of: here + "Oracles/Corpus").map { here + "Oracles/Corpus/" + $0 }
    let fixtures = FixtureTests.files.filter { !$0.hasPrefix("helm/deployment") }.map { FixtureTests.folder + $0 }
    return (corpus + fixtures).sorted()
  }()

  @Test func `PyYAML sees the same trees`() throws {
    let result = try Subprocess.run(
      ["/usr/bin/python3", Self.here + "Oracles/trees.py"] + Self.files, within: .seconds(30))
    try #require(result.status == 0, "python3-yaml is needed (scripts/setup test): \(result.output.suffix(200))")
    let expected = result.output.split(separator: "\n").map(String.init)
    #expect(Self.files.count > 20 && expected.count == Self.files.count)
    for (path, line) in zip(Self.files, expected) {
      let name = path.split(separator: "/").suffix(2).joined(separator: "/")
      #expect(try "\(name) " + Self.tree(path) == "\(name) " + line)
    }
  }

  private static func tree(_ path: String) throws -> String {
    let text = SourceText(try FileSystem.bytes(of: path) ?? [], path: path)
    var file = ConfigurationFile(path: path, format: .kubernetes)
    var written = "="
    for part in YAMLDocuments.split(text) {
      for item in YAMLDocuments.read(part, text, &file) where !item.isNothing { written += self.written(item) }
    }
    return file.remarks.isEmpty ? written : "!"
  }

  private static func written(_ item: Item) -> String {
    switch item.content {
    case .nothing: return "n"
    case .text(let text): return written(text)
    case .list(let items): return "[" + items.map(written).joined() + "]"
    case .map(let fields):
      let last = Dictionary(fields.map { ($0.name, $0.item) }, uniquingKeysWith: { $1 })
      let sorted = last.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
      return "{" + sorted.map { written($0.key) + written($0.value) }.joined() + "}"
    }
  }

  private static func written(_ text: String) -> String {
    var shown = "<"
    for scalar in text.unicodeScalars {
      let isShown = scalar.properties.generalCategory != .control && !"\\'".unicodeScalars.contains(scalar)
      shown += isShown ? String(scalar) : "\\\(String(scalar.value, radix: 16));"
    }
    return shown + ">"
  }
}

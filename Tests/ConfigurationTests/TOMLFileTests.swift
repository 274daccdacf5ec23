import Configuration
import Testing

/// The reader against Python's tomllib, over a corpus of good and bad files.
struct TOMLFileTests {
  private static let folder = testFolder + "Corpus/toml/"

  @Test func `values and refusals are tomllib's`() throws {
    var isGood: [String: Bool] = [:]
    var values: [String: [String: String]] = [:]
    for line in output(of: "python3 \(testFolder)Oracles/toml.py \(Self.folder)").split(separator: "\n") {
      let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if words[0] == "file" {
        isGood[words[1]] = words[2] == "good"
      } else {
        values[words[1], default: [:]][words[2]] = words[3]
      }
    }
    let names = names(in: Self.folder, ending: ".toml")
    try #require(isGood.count == names.count && names.count > 60, "Python did not answer")
    var compared = 0
    for name in names where name != "pgcat.toml" {
      let stem = String(name.dropLast(5))
      let file = TOMLFile.read(try #require(bytes(of: Self.folder + name)), path: name, others: noFiles)
      #expect(file.hasFault == (isGood[stem] == false), "\(stem): \(file.told)")
      guard isGood[stem] == true else { continue }
      let read = Dictionary(uniqueKeysWithValues: file.values.map { (escaped($0.key), same(escaped($0.value))) })
      #expect(read == values[stem] ?? [:], "\(stem)")
      compared += read.count
    }
    #expect(compared > 70, "only \(compared) values were compared")
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\t", with: "\\t")
  }

  /// Python writes a moment with a `T`.
  private func same(_ text: String) -> String { text.replacing("27 07", with: "27T07") }

  @Test func `PgCat's file is a pooler with its pools and users`() throws {
    let file = TOMLFile.read(try #require(bytes(of: Self.folder + "pgcat.toml")), path: "pgcat.toml", others: noFiles)
    let pooler = try #require(file.poolers.first)
    #expect(pooler.software == .pgCat && file.applications.isEmpty && file.remarks.isEmpty)
    #expect(file.values["connect_timeout"] == "5000" && file.values["admin_password"] == "***")
    #expect(pooler.databases.map(\.name) == ["shop"] && pooler.users.map(\.name) == ["app", "report"])
    let sizes = pooler.users.map { user in
      user.settings.first { $0.name == "pool_size" }.map { "\($0.text) \($0.place)" }
    }
    #expect(sizes == ["30 pgcat.toml:15:1", "5 pgcat.toml:21:1"])
    let servers = pooler.databases[0].settings.first { $0.name == "shards.0.servers" }?.text
    #expect(servers == "[[\"10.0.0.5\", 5432, \"primary\"], [\"10.0.0.6\", 5432, \"replica\"]]")
    #expect(!"\(file)".contains("SESAME"))
  }

  @Test func `after a fault the next line is read, and every fault has its place`() {
    let file = read(TOMLFile.read, "a = 1\nb = x\nc = 3\na = 4\n[env]\nD = \"5\"\n")
    #expect(file.values == ["a": "1", "c": "3", "D": "5"])
    #expect(
      file.told == ["2 fault: TOML: this is no value: a text needs quotes", "4 fault: TOML: 'a' stands here again"])
  }

  @Test func `nesting has an end`() {
    for open in ["[", "{a=", "[{a="] {
      let file = read(TOMLFile.read, "a = " + String(repeating: open, count: 10_000))
      #expect(file.hasFault)
    }
    #expect(read(TOMLFile.read, String(repeating: "a.", count: 1_000) + "a = 1").hasFault)
  }
}

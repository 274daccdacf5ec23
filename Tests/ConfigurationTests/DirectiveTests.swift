import Configuration
import Testing

struct DirectiveTests {
  /// What each directive of an env file says, and of which line; `-` is the whole file.
  private func told(_ text: String) -> [String] {
    read(EnvironmentFile.read, text).directives.map { directive in
      let line = directive.line.map { "\($0)" } ?? "-"
      return switch directive.content {
      case .ignore(let rule, let reason): "\(line) ignore \(rule): \(reason)"
      case .facts(let facts):
        "\(line) " + facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      case .unreadable(let why): "\(line) ? \(why)"
      }
    }
  }

  @Test(arguments: [
    ("# poolops: pool=psycopg2 processes=4\nA=1", ["- pool=psycopg2 processes=4"]),
    ("A=1\n#poolops:version=1.18, pool=\"two words\"\n\n# other\nB=2", ["5 pool=two words version=1.18"]),
    ("A=1 # poolops: ignore slot-budget: sized for May", ["1 ignore slot-budget: sized for May"]),
    (
      "A=1\n# POOLOPS: ignore a: b\n# poolops: ignore c: d: e\nB=\"x\ny\" # poolops: pool=z",
      ["4 ignore a: b", "4 ignore c: d: e", "4 pool=z"]
    ),
    ("A='# poolops: pool=x'", []),
    ("A=x#poolops: pool=x", []),
    ("A=1\n# poolopsy: pool=x\n# about poolops: pool=x", []),
    (
      "# poolops: ignore slot-budget\nA=1",
      ["- ? 'ignore slot-budget' gives no reason: write 'ignore slot-budget: why it is right here'"]
    ),
    ("# poolops: ignore: because\nA=1", ["- ? 'ignore' names no rule: write 'ignore RULE: reason'"]),
    (
      "# poolops: ignore a b: because\nA=1",
      ["- ? after 'ignore' stands the id of one rule, then a colon and the reason"]
    ),
    ("# poolops:\nA=1", ["- ? it says nothing; accepted are 'ignore RULE: reason' and 'key=value ...'"]),
    ("# poolops: ignroe a: b\nA=1", ["- ? 'ignroe': did you mean 'ignore'?"]),
    ("# poolops: proceses=4\nA=1", ["- ? 'proceses': did you mean 'processes'?"]),
    ("# poolops: pool=a pool=b\nA=1", ["- ? 'pool' stands twice"]),
    ("# poolops: pool=\nA=1", ["- ? 'pool=' has no value"]),
    ("# poolops: pool=\"a\nA=1", ["- ? the quote after 'pool=' is not closed"]),
    ("# poolops: something=else\nA=1", ["- something=else"]),
    ("A=1\n# poolops: pool=a", ["2 ? nothing follows that it could speak of: it stands at the end of the file"]),
    ("# poolops: password=SESAME\nA=1", ["- password=***"]),
  ]) func `comments tell facts and accept findings, each for its line`(text: String, expected: [String]) {
    #expect(told(text) == expected)
  }

  @Test func `any text is searched for comments after a blank or at the head of a line`() {
    let text = "a: 1\n  # poolops: pool=x\n  b: 2 # poolops: ignore r: why\nc: 'x#poolops: pool=y'\n"
    let found = Directives.scan(SourceText(Array(text.utf8), path: "f"))
    #expect(found.map(\.line) == [3, 3])
    #expect(found.map(\.standsAlone) == [true, false])
    #expect(found.map { "\($0.place)" } == ["f:2:3", "f:3:8"])
  }

  @Test(arguments: [
    ("; poolops: pool=x\n[pgbouncer]\n", PgBouncerIni.read as Reader),
    ("# poolops: pool=x\nmax_connections = 5\n", PostgreSQLConf.read),
    ("# poolops: pool=x\npostgres://h/d\n", ConnectionString.read),
  ]) func `each format's own comments are read`(text: String, reader: @escaping Reader) {
    let found = read(reader, text).directives
    #expect(found.map(\.content) == [.facts(["pool": "x"])])
    #expect(found.map(\.line) == [nil])
  }
}

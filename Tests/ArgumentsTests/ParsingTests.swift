import Arguments
import Testing

private let loadDefaults = "ramp 5 1.0 ramp [\"none\"] - - - - v=false q=false j=false db=results.db"

@Suite struct ParsingTests {
  @Test(arguments: [
    // values by name and by place
    ("load ramp --rate 5", loadDefaults),
    ("load --rate=5 ramp", loadDefaults),
    ("load -r 5 ramp", loadDefaults),
    ("load -r=5 -- ramp", loadDefaults),
    ("load --rate 4 ramp --rate 5", loadDefaults),
    (
      "load burst Friday_night -r 7 -s 0.5 --think-time 2s --overflow constant --tag a --tag=b --seed 3 --strict true",
      "burst 7 0.5 constant [\"a\", \"b\"] Friday night 2000ms 3 true v=false q=false j=false db=results.db"
    ),
    // flags, alone and together, with an option last
    ("load ramp -vq -r 5", "ramp 5 1.0 ramp [\"none\"] - - - - v=true q=true j=false db=results.db"),
    ("load ramp -vqr 5 --json", "ramp 5 1.0 ramp [\"none\"] - - - - v=true q=true j=true db=results.db"),
    // values that look like options
    ("load ramp -r -5 -s -.5", "ramp -5 -0.5 ramp [\"none\"] - - - - v=false q=false j=false db=results.db"),
    ("load ramp -r 5 --tag=--x --db=a=b", "ramp 5 1.0 ramp [\"--x\"] - - - - v=false q=false j=false db=a=b"),
    ("load -r 5 -- ramp --json", "ramp 5 1.0 ramp [\"none\"] --json - - - v=false q=false j=false db=results.db"),
    ("load -r 5 -- ramp --", "ramp 5 1.0 ramp [\"none\"] -- - - - v=false q=false j=false db=results.db"),
    ("load ramp - -r 5", "ramp 5 1.0 ramp [\"none\"] - - - - v=false q=false j=false db=results.db"),
    ("load ramp -r 5 --tag ''", "ramp 5 1.0 ramp [\"\"] - - - - v=false q=false j=false db=results.db"),
    // arrays by place
    ("ask -h db1", "db1 []"),
    ("ask 1 --host db1 -2 3", "db1 [1, -2, 3]"),
    ("sum 1s 2ms", "[1000ms, 2ms]"),
    ("tally --places 2 1s 2ms -- 3s", "[1000ms, 2ms, 3000ms]"),
    // the tree
    ("", "root plain=false"),
    ("--plain", "root plain=true"),
    ("go-no-go --dry-run", "go dry=true plain=false"),
    ("--plain go-no-go", "go dry=false plain=true"),
    ("run list --db -", "list 20 j=false db=:memory:"),
    ("run show run-12", "show run-12 j=false db=results.db"),
    ("run list", "list 20 j=false db=results.db"),
    ("run", "list 20 j=false db=results.db"),
    ("run --limit 3", "list 3 j=false db=results.db"),
    // options in front of the subcommand that declares them
    ("--json run list", "list 20 j=true db=results.db"),
    ("--plain --db x run --json show run-12", "show run-12 j=true db=x"),
    ("--db=x run", "list 20 j=false db=x"),
  ])
  func `words become values`(line: String, expected: String) {
    #expect(outcome(line) == expected)
  }

  @Test func `a copy of a command keeps its own values`() throws {
    guard case .command(let parsed) = Root.parseAsRoot(["load", "ramp", "-r", "5"]), let original = parsed as? Load
    else { throw ValidationError("no load") }
    var copy = original
    copy.rate = 6
    copy.common.json = true
    copy.verbose = true
    #expect(
      [original.summary, copy.summary] == [
        loadDefaults,
        loadDefaults
          .replacing("ramp 5", with: "ramp 6").replacing("v=false", with: "v=true").replacing(
            "j=false", with: "j=true"),
      ])
  }

  @Test func `a tree parses the same after it has parsed something else`() {
    _ = outcome("load burst -r 9 --tag x --json -v")
    #expect(outcome("load ramp -r 5") == loadDefaults)
  }

  @Test func `any words end in a command that can be read, in help or in 64`() {
    let pool = [
      "load", "run", "show", "ask", "help", "ramp", "12", "-5", "-", "--", "-r", "-vr", "-h", "--help", "--rate=5",
      "--json",
      "--json=", "--=", "-=", "---", "--db", "--nope", "",
    ]
    let lines = ["load", "run", "ask", "--"].flatMap { a in pool.flatMap { b in pool.map { c in [a, b, c] } } }
    let endings = Set(lines.map(ending))
    #expect(endings == ["command", "0", "64"])
  }
}

private func ending(_ words: [String]) -> String {
  switch Root.parseAsRoot(words) {
  case .command(let command): ((command as? any Summarised)?.summary).map { _ in "command" } ?? "command"
  case .exit(let message): message.text.isEmpty ? "silent" : "\(message.code.rawValue)"
  }
}

import Arguments
import Testing

private let rootHelp = """
  0 out: OVERVIEW: Tune pools.

  USAGE: poolops [--plain] <subcommand>

  OPTIONS:
    --plain                 No colours.
    --version               Show the version.
    -h, --help              Show help information.

  SUBCOMMANDS:
    load                    Put load on staging.
    run                     Recorded runs.
    go-no-go
    ask                     Names of its own.
    sum
    tally

    See 'poolops help <subcommand>' for detailed help.
  """

private let runHelp = """
  0 out: OVERVIEW: Recorded runs.

  USAGE: poolops run <subcommand>

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  SUBCOMMANDS:
    list (default)          List runs.
    show                    Show one run.

    See 'poolops help run <subcommand>' for detailed help.
  """

private let loadHelp = """
  0 out: OVERVIEW: Put load on staging.

  Arrivals follow the shape until the duration is over, or until somebody
  interrupts the run from the terminal.

    poolops load ramp --rate 50

  USAGE: poolops load <shape> [<title>] --rate <rate> [--scale <scale>]
         [--think-time <time>] [--overflow <overflow>] [--tag <tag> ...]
         [--strict <strict>] [--verbose] [--db <path>] [--json] [--quiet]

  ARGUMENTS:
    <shape>                 How arrivals go. (values: constant, ramp, burst)
    <title>                 What to call the run.

  SHARED OPTIONS:
    --db <path>             The results file. (default: results.db)
    --json                  Print JSON.
    -q, --quiet             Say less.

  OPTIONS:
    -r, --rate <rate>       Requests a second.
    -s, --scale <scale>     Stretch the "service" time. (default: 1.0)
    --think-time <time>     How long it lasts.
    --overflow <overflow>   How requests beyond the pool are treated. (values:
                            constant, ramp, burst; default: ramp)
    --tag <tag>             A label; may be repeated. (default: none)
    --strict <strict>
    -v, --verbose           Say more.
    --version               Show the version.
    -h, --help              Show help information.
  """

private let askHelp = """
  0 out: OVERVIEW: Names of its own.

  USAGE: poolops ask --host <host> [<numbers> ...]

  ARGUMENTS:
    <numbers>               Numbers.

  OPTIONS:
    -h, --host <host>       The server.
    --version               Show the version.
    --help                  Show help information.
  """

private struct Wide: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "wide")
  @Argument(help: ArgumentHelp("One.", discussion: "More about one, at some length, so that it wraps.")) var one: Int =
    1
  @Option(help: "A label longer than its column.") var aVeryLongOptionName: String
  @Option var a = "postgres://me:s3cret@db"
  @Option var b: Int?
  @Option var c: Int?
  @Option var d: Int?
  @Option var e: Int?
  @Option var f: Int?
  @Option var g: Int?
  @Option var h: Int?
  @Option var i: Int?
  @Option var j: Int?
  @Option var k: Int?
}

private let wideHelp = """
  USAGE: wide [<options>] [<one>]
         --a-very-long-option-name <a-very-long-option-name>

  ARGUMENTS:
    <one>                   One. (default: 1)
          More about one, at some length, so
          that it wraps.

  OPTIONS:
    --a-very-long-option-name <a-very-long-option-name>
                            A label longer
                            than its column.
    --a <a>                 (default:
                            postgres://me:***@db)
    --b <b>
    --c <c>
    --d <d>
    --e <e>
    --f <f>
    --g <g>
    --h <h>
    --i <i>
    --j <j>
    --k <k>
    -h, --help              Show help
                            information.
  """

private struct Careless: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "careless", subcommands: [Tail.self, Tail.self], defaultSubcommand: Root.self)

  struct Tail: ParsableCommand {
    @Argument var all: [String] = []
    @Argument var last: String
    @Option(name: .short) var jobs: Int?
  }

  @Argument var first: String?
  @Argument var second: String
  @Flag(name: .short) var json = false
  @Flag(name: .customShort("j")) var jumbo = false
  @Flag(name: .customShort("5")) var five = false
}

@Suite struct HelpTests {
  @Test(arguments: [
    ("--help", rootHelp), ("-h", rootHelp), ("help", rootHelp), ("--json -h", rootHelp),
    ("help run", runHelp), ("run -h", runHelp), ("run help", runHelp), ("run --json --help", runHelp),
    ("load --help", loadHelp), ("help load", loadHelp), ("load wavy --raet 5 -vh", loadHelp), ("-h load", loadHelp),
    ("ask --help", askHelp),
    ("--version", "0 out: 1.2.3"), ("run list --version", "0 out: 1.2.3"), ("ask --version", "0 out: ask 9"),
  ])
  func `help and version win over everything else`(line: String, expected: String) {
    #expect(outcome(line) == expected)
  }

  @Test func `help is wrapped at the width, and many options fold`() {
    #expect(Wide.helpMessage(for: Wide.self, width: 43) == wideHelp)
  }

  @Test(arguments: [
    (CleanExit.helpRequest(), rootHelp), (.helpRequest(Run.self), runHelp), (.helpRequest(Load()), loadHelp),
  ])
  func `a run can ask for help`(error: CleanExit, expected: String) {
    let message = Root.exitMessage(for: error, from: Root())
    #expect("\(message.code.rawValue) out: \(message.text)" == expected)
  }

  @Test func `a command that does not say how to run prints its help`() {
    var run = Run()
    let error = #expect(throws: CleanExit.self) { try run.run() }
    #expect(error.map { Root.exitMessage(for: $0, from: run).text } == Root.helpMessage(for: Run.self))
  }

  @Test func `faulty declarations are told`() {
    #expect(Root.declarationFaults() == [])
    #expect(
      Careless.declarationFaults() == [
        "careless: -j is declared twice", "careless: subcommand tail is declared twice",
        "careless: -5 would be taken for a negative number",
        "careless: <first> would be taken for a subcommand", "careless: <second> would be taken for a subcommand",
        "careless: <second> is required but stands behind an optional one",
        "careless: the default subcommand is not among the subcommands",
        "careless tail: <last> stands behind <all>, which takes all words",
        "careless tail: <last> stands behind <all>, which takes all words",
        "-j takes a value in one command and none in another",
      ])
  }
}

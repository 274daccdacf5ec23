import Testing

@testable import Arguments

@Suite struct SentenceTests {
  @Test(arguments: [
    // unknown names, with what was meant
    ("load ramp --rat 5", "Unknown option '--rat'. Did you mean '--rate'?"),
    ("load ramp -r 5 --jsno", "Unknown option '--jsno'. Did you mean '--json'?"),
    ("load ramp -r 5 --thin 1s", "Unknown option '--thin'. Did you mean '--think-time'?"),
    ("load ramp -r 5 --hlep", "Unknown option '--hlep'. Did you mean '--help'?"),
    ("load ramp -r 5 -json", "Unknown option '-json'. Did you mean '--json'?"),
    ("load ramp -r 5 -vx", "Unknown option '-x'"),
    ("load ramp -r 5 --colour=red", "Unknown option '--colour'"),
    ("load ramp -r 5 --sed 1", "Unknown option '--sed'"),
    ("laod ramp", "Unknown subcommand 'laod'. Did you mean 'load'?"),
    ("go-nogo", "Unknown subcommand 'go-nogo'. Did you mean 'go-no-go'?"),
    ("--json rnu", "Unknown subcommand 'rnu'. Did you mean 'run'?"),
    ("help rnu", "Unknown subcommand 'rnu'. Did you mean 'run'?"),
    ("frobnicate", "Unknown subcommand 'frobnicate'. Choose one of 'load', 'run', 'go-no-go', 'ask', 'sum', 'tally'."),
    ("--json", "Missing subcommand. Choose one of 'load', 'run', 'go-no-go', 'ask', 'sum', 'tally'."),
    ("--frob run list", "Unknown option '--frob'"),
    ("--frob x run list", "Unknown option '--frob'"),
    // an unknown option is told before what it may have caused
    ("load --raet 5", "Unknown option '--raet'. Did you mean '--rate'?"),
    ("load wavy --rate x --raet 5", "Unknown option '--raet'. Did you mean '--rate'?"),
    // values
    ("load wavy -r 5", "The value 'wavy' is invalid for '<shape>'. Choose one of 'constant', 'ramp', 'burst'."),
    (
      "load ramp -r 5 --overflow wavy",
      "The value 'wavy' is invalid for '--overflow <overflow>'. Choose one of 'constant', 'ramp', 'burst'."
    ),
    ("load ramp -r fast", "The value 'fast' is invalid for '-r <rate>'. Give a whole number."),
    ("load ramp --rate 1.5", "The value '1.5' is invalid for '--rate <rate>'. Give a whole number."),
    (
      "load ramp -r 99999999999999999999",
      "The value '99999999999999999999' is invalid for '-r <rate>'. Give a whole number."
    ),
    ("load ramp -r 5 --scale much", "The value 'much' is invalid for '--scale <scale>'. Give a number."),
    ("load ramp -r 5 --strict yes", "The value 'yes' is invalid for '--strict <strict>'. Give true or false."),
    (
      "load ramp -r 5 --think-time 3",
      "The value '3' is invalid for '--think-time <time>'. Give a duration such as 500ms or 30s."
    ),
    ("ask -h x 1 b", "The value 'b' is invalid for '<numbers>'. Give a whole number."),
    ("load ramp -r 5 --scale nan", "The value 'nan' is invalid for '--scale <scale>'. Give a number."),
    ("run show --db", "Missing value for '--db <path>'"),
    ("load ramp --rate", "Missing value for '--rate <rate>'"),
    ("load ramp -r --json", "Missing value for '-r <rate>'"),
    ("load ramp -rv 5", "Missing value for '-r <rate>'"),
    ("load ramp -r 5 --tag --", "Missing value for '--tag <tag>'"),
    ("load ramp -r 5 --json=yes", "The flag '--json' takes no value, but got 'yes'"),
    // arguments
    ("load ramp", "Missing expected argument '--rate <rate>'"),
    ("load -r 5", "Missing expected argument '<shape>'"),
    ("sum", "Missing expected argument '<times> ...'"),
    ("run show", "Missing expected argument '<run>'"),
    ("run show a b", "Unexpected argument 'b'"),
    ("run show a b c", "2 unexpected arguments: 'b', 'c'"),
    ("run --limti 3", "Unknown option '--limti'. Did you mean '--limit'?"),
    ("run --limit x lst", "Unknown subcommand 'lst'. Did you mean 'list'?"),
    ("load ramp Friday extra", "Unexpected argument 'extra'"),
    ("tally --places x 1s", "The value 'x' is invalid for '--places <places>'. Give a whole number."),
    ("tally --places x sum 1s", "The value 'x' is invalid for '--places <places>'. Give a whole number."),
    ("tally --places 1 x", "The value 'x' is invalid for '<times>'. Give a duration such as 500ms or 30s."),
    ("-- run", "Unexpected argument 'run'"),
    // values that contradict each other
    ("load ramp -r 0", "A rate of 0 is no load."),
    ("load ramp -r 0 --db ''", "The results file has no name."),
    // passwords stay out
    ("run show a postgres://me:s3cret@db/app", "Unexpected argument 'postgres://me:***@db/app'"),
    ("run show a host=db_password=s3cret_user=me", "Unexpected argument 'host=db password=*** user=me'"),
    (
      "run show a postgres://db/app?password=s3cret&user=me",
      "Unexpected argument 'postgres://db/app?password=***&user=me'"
    ),
  ])
  func `a usage error says what was wrong and ends with 64`(line: String, sentence: String) {
    let firstLine = outcome(line).split(separator: "\n").first ?? ""
    #expect(firstLine == "64 err: Error: \(sentence)")
  }

  @Test(arguments: [
    (
      "load ramp",
      """
      64 err: Error: Missing expected argument '--rate <rate>'
      Help:  --rate <rate>  Requests a second.
      Usage: poolops load <shape> [<title>] --rate <rate> [--scale <scale>]
             [--think-time <time>] [--overflow <overflow>] [--tag <tag> ...]
             [--strict <strict>] [--verbose] [--db <path>] [--json] [--quiet]
        See 'poolops load --help' for more information.
      """
    ),
    (
      "run shwo",
      """
      64 err: Error: Unknown subcommand 'shwo'. Did you mean 'show'?
      Usage: poolops run <subcommand>
        See 'poolops run --help' for more information.
      """
    ),
    (
      "nonsense",
      """
      64 err: Error: Unknown subcommand 'nonsense'. Choose one of 'load', 'run', 'go-no-go', 'ask', 'sum', 'tally'.
      Usage: poolops [--plain] <subcommand>
        See 'poolops --help' for more information.
      """
    ),
  ])
  func `a usage error ends with the usage of the command`(line: String, expected: String) {
    #expect(outcome(line) == expected)
  }

  @Test(arguments: [
    (
      ValidationError("no") as any Error,
      ExitMessage(
        text: "Error: no\nUsage: poolops run show [--db <path>] [--json] [--quiet] <run>\n"
          + "  See 'poolops run show --help' for more information.",
        toStandardError: true, code: ExitCode(64))
    ),
    (ExitCode(2), ExitMessage(text: "", toStandardError: true, code: ExitCode(2))),
    (ExitCode.success, ExitMessage(text: "", toStandardError: false, code: .success)),
    (CleanExit.message("bye"), ExitMessage(text: "bye", toStandardError: false, code: .success)),
    (Broken(), ExitMessage(text: "Error: the disk is full", toStandardError: true, code: ExitCode(1))),
  ])
  func `an error of a run has its exit message`(error: any Error, expected: ExitMessage) {
    #expect(Root.exitMessage(for: error, from: RunShow()) == expected)
  }

  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("rnu", "run", 1), ("same", "same", 0), ("ca", "abc", 3),
  ])
  func `edit distance counts a swap as one`(first: String, second: String, expected: Int) {
    #expect(editDistance(first, second) == expected)
  }

  @Test(arguments: [
    ("thinkTime", "think-time"), ("GoNoGo", "go-no-go"), ("maxURLLength", "max-url-length"), ("p99Limit", "p99-limit"),
    ("db", "db"), ("snake_case", "snake-case"),
  ])
  func `names are kebab case`(identifier: String, expected: String) {
    #expect(kebabCase(identifier) == expected)
  }
}

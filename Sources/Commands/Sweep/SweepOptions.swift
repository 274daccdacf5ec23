import Arguments
import Model

/// What is measured, over what the experiment's `sweep` section says.
struct SweepOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Pool sizes: 10,20,50 or 10..100:10.", valueName: "sizes")) var pool: NumberListArgument?
  @Option(help: ArgumentHelp("Users (default: the experiment's).", valueName: "users")) var users: NumberListArgument?
  @Option(help: ArgumentHelp("Requests a second, in the place of users.", valueName: "rates"))
  var rate: RateListArgument?
  @Option(help: ArgumentHelp("Measured part of each block (default: the experiment's).", valueName: "duration"))
  var duration: Duration?
  @Option(help: ArgumentHelp("Load before it (default: the experiment's).", valueName: "duration"))
  var warmUp: Duration?
  @Option(
    name: .customLong("repeat"), help: ArgumentHelp("Blocks of each cell; 3 or more give intervals.", valueName: "n"))
  var repeats: Int?
  @Option(
    help: ArgumentHelp(
      "Further blocks of an unsteady cell, at most (default: 2 with --find-knee, else 0).", valueName: "n"))
  var again: Int?
  @Option(help: ArgumentHelp("Seed of the random order and of the load.", valueName: "n")) var seed: Int?

  init() {}

  func validate() throws {
    if users != nil, rate != nil { throw ValidationError("Give '--users' or '--rate', not both.") }
    if let duration, duration <= .zero { throw ValidationError("The value for '--duration' must be above 0.") }
    if let repeats, !(1...500).contains(repeats) {
      throw ValidationError("The value '\(repeats)' is invalid for '--repeat <n>'. Give a number from 1 to 500.")
    }
    if let again, !(0...SweepOutline.mostAgain).contains(again) {
      let most = SweepOutline.mostAgain
      throw ValidationError("The value '\(again)' is invalid for '--again <n>'. Give a number from 0 to \(most).")
    }
    if let seed, seed < 0 {
      throw ValidationError("The value '\(seed)' is invalid for '--seed <n>'. Give a number of at least 0.")
    }
    if let most = users?.numbers.max(), most > 100_000 {
      throw ValidationError("The value '\(most)' is invalid for '--users <users>'. Give at most 100000.")
    }
  }

  var outline: SweepOutline {
    SweepOutline(
      sizes: pool?.numbers, levels: users?.numbers.map(SweepLevel.users) ?? rate?.rates.map(SweepLevel.rate),
      warmUp: warmUp, duration: duration, repeats: repeats, again: again)
  }

  /// What was given, for a sentence.
  var given: [String] {
    let all: [(String, Bool)] = [
      ("--pool", pool != nil), ("--users", users != nil), ("--rate", rate != nil), ("--duration", duration != nil),
      ("--warm-up", warmUp != nil), ("--repeat", repeats != nil), ("--again", again != nil), ("--seed", seed != nil),
    ]
    return all.filter(\.1).map(\.0)
  }
}

/// `10,20,50` or `10..100:10`.
struct NumberListArgument: ExpressibleByArgument {
  var numbers: [Int]
  init?(argument: String) {
    guard let numbers = NumberList.parse(argument) else { return nil }
    self.numbers = numbers
  }
  var defaultValueDescription: String { numbers.map(String.init).joined(separator: ",") }
  static var acceptedForm: String? { NumberList.accepted }
}

/// `100,413.5`.
struct RateListArgument: ExpressibleByArgument {
  var rates: [Double]
  init?(argument: String) {
    let rates = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double(argument: String($0)) }
    self.rates = rates.compactMap { $0 }
    guard rates.count == self.rates.count, self.rates.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else { return nil }
  }
  var defaultValueDescription: String { rates.map { decimal($0, places: 3) }.joined(separator: ",") }
  static var acceptedForm: String? { "requests per second such as 100,400, above 0 and at most 1000000" }
}

/// How a sweep is shown.
struct SweepOutput: ParsableArguments {
  @Flag(help: "Print Markdown, for a pull request.") var markdown = false
  @Option(help: ArgumentHelp("Write a chart of goodput and p95 over pool size, as SVG.", valueName: "file"))
  var chart: String?
  init() {}
  init(markdown: Bool) { self.markdown = markdown }
}

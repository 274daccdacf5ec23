import Arguments

enum Shape: String, ExpressibleByArgument, CaseIterable {
  case constant, ramp, burst
}

struct Milliseconds: ExpressibleByArgument, CustomStringConvertible {
  let count: Int

  init?(argument: String) {
    if argument.hasSuffix("ms"), let count = Int(argument.dropLast(2)) {
      self.count = count
    } else if argument.hasSuffix("s"), let seconds = Int(argument.dropLast()) {
      count = seconds * 1000
    } else {
      return nil
    }
  }

  var description: String { "\(count)ms" }
  static var acceptedForm: String? { "a duration such as 500ms or 30s" }
}

struct Broken: Error, CustomStringConvertible {
  var description: String { "the disk is full" }
}

/// A command whose parsed values a table can compare as text.
protocol Summarised {
  var summary: String { get }
}

struct Common: ParsableArguments {
  @Option(help: ArgumentHelp("The results file.", valueName: "path")) var db = "results.db"
  @Flag(help: "Print JSON.") var json = false
  @Flag(name: .shortAndLong, help: "Say less.") var quiet = false

  mutating func validate() throws {
    if db.isEmpty { throw ValidationError("The results file has no name.") }
    if db == "-" { db = ":memory:" }
  }
}

struct Load: ParsableCommand, Summarised {
  static let configuration = CommandConfiguration(
    abstract: "Put load on staging.",
    discussion: """
      Arrivals follow the shape until the duration is over, or until somebody interrupts the run from the terminal.

        poolops load ramp --rate 50
      """)

  @Argument(help: "How arrivals go.") var shape: Shape
  @Argument(help: "What to call the run.") var title: String?
  @Option(name: .shortAndLong, help: "Requests a second.") var rate: Int
  @Option(name: [.customShort("s"), .customLong("scale")], help: "Stretch the \"service\" time.") var factor: Double = 1
  @Option(help: ArgumentHelp("How long it lasts.", valueName: "time")) var thinkTime: Milliseconds?
  @Option(help: "How requests beyond the pool are treated.") var overflow: Shape = .ramp
  @Option(name: .customLong("tag"), help: "A label; may be repeated.") var tags: [String] = ["none"]
  @Option(help: .hidden) var seed: Int?
  @Option var strict: Bool?
  @Flag(name: .shortAndLong, help: "Say more.") var verbose = false
  @OptionGroup(title: "Shared options") var common: Common

  mutating func validate() throws {
    if rate == 0 { throw ValidationError("A rate of 0 is no load.") }
  }

  var summary: String {
    let optional = "\(title ?? "-") \(thinkTime.map(\.description) ?? "-") \(seed.map(String.init) ?? "-")"
    return "\(shape) \(rate) \(factor) \(overflow) \(tags) \(optional) \(strict.map { "\($0)" } ?? "-")"
      + " v=\(verbose) q=\(common.quiet) j=\(common.json) db=\(common.db)"
  }
}

struct Ask: ParsableCommand, Summarised {
  static let configuration = CommandConfiguration(
    abstract: "Names of its own.", version: "ask 9")

  @Option(name: [.short, .long], help: "The server.") var host: String
  @Argument(help: "Numbers.") var numbers: [Int] = []

  var summary: String { "\(host) \(numbers)" }
}

struct Sum: ParsableCommand, Summarised {
  @Argument(help: "Numbers.") var times: [Milliseconds]
  var summary: String { "\(times)" }
}

struct Tally: ParsableCommand {
  static let configuration = CommandConfiguration(subcommands: [Sum.self], defaultSubcommand: Sum.self)
  @Option(help: "Decimal places.") var places: Int?
}

struct RunList: ParsableCommand, Summarised {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List runs.")
  @OptionGroup var common: Common
  @Option(help: "At most this many.") var limit: Int = 20
  var summary: String { "list \(limit) j=\(common.json) db=\(common.db)" }
}

struct RunShow: ParsableCommand, Summarised {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one run.")
  @OptionGroup var common: Common
  @Argument(help: "The run.") var run: String
  var summary: String { "show \(run) j=\(common.json) db=\(common.db)" }
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recorded runs.", subcommands: [RunList.self, RunShow.self], defaultSubcommand: RunList.self)
}

struct GoNoGo: ParsableCommand, Summarised {
  @Flag var dryRun = false
  @Flag var plain = false
  var summary: String { "go dry=\(dryRun) plain=\(plain)" }
}

struct Root: ParsableCommand, Summarised {
  static let configuration = CommandConfiguration(
    commandName: "poolops", abstract: "Tune pools.", version: "1.2.3",
    subcommands: [Load.self, Run.self, GoNoGo.self, Ask.self, Sum.self, Tally.self])
  @Flag(help: "No colours.") var plain = false
  var summary: String { "root plain=\(plain)" }
}

func words(_ line: String) -> [String] {
  line.split(separator: " ").map { $0 == "''" ? "" : String($0).replacing("_", with: " ") }
}

/// The parsed values, or the whole message with its exit code.
func outcome(_ line: String, width: Int = 80) -> String {
  switch Root.parseAsRoot(words(line), width: width) {
  case .command(let command): (command as? any Summarised)?.summary ?? "no summary"
  case .exit(let message): "\(message.code.rawValue) \(message.toStandardError ? "err" : "out"): \(message.text)"
  }
}

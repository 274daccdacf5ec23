import Advice
import Arguments
import Evidence
import Model
import Report
import Store

struct Size: PoolopsCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how many connections a load needs: every formula side by side, one range with its reasons.",
    discussion: """
        poolops size --users 500 --think-time 850ms --service-time 48.4ms
        poolops size --rate 413 --service-time 48.4ms --acquire-timeout 340ms --cores 2
        poolops size --from run-12

      What is typed stands before what the run says. Exits with 3 where no size keeps the limits.
      """)
  @Option(help: ArgumentHelp("Take what a run measured, such as run-12, or a tag.", valueName: "run"))
  var from: String?
  @OptionGroup var demand: SizeDemand
  @OptionGroup var server: SizeServer
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    for (term, value) in typed.all.map({ ($0.term, $0.input.value) }) {
      let isAllowed = term == .thinkTime || term == .spindles ? value >= 0 : value > 0
      guard !isAllowed, let option = term.option else { continue }
      throw ValidationError("The value for '\(option)' must be above 0.")
    }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let run = try recorded(world)
    let inputs = (run.map { $0.inputs } ?? SizingInputs()).overridden(by: typed)
    let advice: SizingAdvice
    do throws(SizingAdvice.Missing) {
      advice = try SizingAdvice(inputs, shown: run.map { [$0.run.wanted.maxSize] } ?? [])
    } catch {
      throw error.failure
    }
    let next = run.map { SizeReport.Next.experiment($0.run.execution.experiment) } ?? .anyExperiment
    let report = SizeReport(advice, next: next, notes: run?.notes(inputs) ?? [])
    world.output(options.json ? report.json.text : report.text(world.style))
    return advice.range == nil ? .inconclusive : .go
  }

  private var typed: SizingInputs {
    let values: [(SizingTerm, Double?)] = [
      (.users, demand.users.map(Double.init)), (.thinkTime, demand.thinkTime?.seconds),
      (.serviceTime, demand.serviceTime?.seconds), (.rate, demand.rate),
      (.acquireTimeout, demand.acquireTimeout?.seconds), (.threads, demand.threads.map(Double.init)),
      (.connectionsPerThread, demand.connectionsPerThread.map(Double.init)), (.cores, server.cores),
      (.spindles, server.spindles.map(Double.init)), (.serverMemory, server.serverMemory?.bytes),
      (.backendMemory, server.backendMemory?.bytes), (.maxConnections, server.maxConnections.map(Double.init)),
    ]
    var inputs = SizingInputs()
    for (term, value) in values { inputs[term] = value.map { SizingInput($0, .given) } }
    return inputs
  }

  private func recorded(_ world: World) throws(Failure) -> SizedRun? {
    guard let from else { return nil }
    let store = try ResultsStore.reading(try Project(world, options))
    let names = RunNames(store)
    let recorded = try store.recorded(try names.run(from))
    let figures = RunFigures.of(recorded)
    guard figures.serviceMean != nil else {
      throw Failure(
        .inconclusive, "\(recorded.run.id) has no finished block with an answered request: it measured no service time",
        hint: "Type 'poolops run list' to see others, or give --service-time.")
    }
    return SizedRun(figures: figures, experiment: try names.experiment(of: recorded.run))
  }
}

/// What the application asks.
struct SizeDemand: ParsableArguments {
  @Option(help: ArgumentHelp("People or clients who ask, pause, and ask again.", valueName: "n")) var users: Int?
  @Option(help: ArgumentHelp("Their mean pause between an answer and the next request.", valueName: "duration"))
  var thinkTime: Duration?
  @Option(help: ArgumentHelp("Mean time that a request holds a connection.", valueName: "duration"))
  var serviceTime: Duration?
  @Option(help: ArgumentHelp("Requests per second, in place of users.", valueName: "per second")) var rate: Double?
  @Option(help: ArgumentHelp("How long a request waits for a connection.", valueName: "duration"))
  var acquireTimeout: Duration?
  @Option(help: ArgumentHelp("Threads that share the pool, for the deadlock floor.", valueName: "n")) var threads: Int?
  @Option(help: ArgumentHelp("Connections that one thread holds at once.", valueName: "n"))
  var connectionsPerThread: Int?
  init() {}
}

/// What the database server has.
struct SizeServer: ParsableArguments {
  @Option(help: ArgumentHelp("Cores of the database server.", valueName: "n")) var cores: Double?
  @Option(help: ArgumentHelp("Its disks that seek (default: 1).", valueName: "n")) var spindles: Int?
  @Option(help: ArgumentHelp("Its memory, such as 8GB.", valueName: "size")) var serverMemory: ByteSize?
  @Option(help: ArgumentHelp("Memory of one backend, such as 2MB (default: measured, else 10MB).", valueName: "size"))
  var backendMemory: ByteSize?
  @Option(help: ArgumentHelp("Its max_connections.", valueName: "n")) var maxConnections: Int?
  init() {}
}

/// Bytes as people write them: `8GB`, `512MiB`.
struct ByteSize: ExpressibleByArgument {
  let bytes: Double
  private static let units = [
    "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824,
    "TiB": 1_099_511_627_776,
  ]

  init?(argument: String) {
    let number = argument.prefix { $0.isNumber || $0 == "." }
    guard let value = Double(number), value.isFinite, let unit = Self.units[String(argument.dropFirst(number.count))]
    else { return nil }
    bytes = value * unit
  }

  static var acceptedForm: String? { "a size with its unit, such as 8GB or 512MiB" }
}

extension Duration: ExpressibleByArgument {
  package init?(argument: String) { self.init(text: argument) }
  package static var acceptedForm: String? { "a duration with its unit, such as 48.4ms or 2s" }
  package var defaultValueDescription: String { text }
}

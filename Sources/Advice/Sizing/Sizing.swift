import Evidence
import Model

/// How many connections a number of users needs: Little's law, checked with the machine-repair model M/M/c//N.
///
/// Exponential think and service times are assumed, and that a connection's service time does not grow with the number
/// of connections: true while the database has cores to spare. Confirm the size by an experiment.
package struct Sizing: Hashable, Sendable {
  package struct Input: Hashable, Sendable {
    package var users: Int
    /// Mean pause of a user between an answer and the next request, seconds.
    package var thinkTime: Double
    /// Mean time that a request holds a connection, in seconds, and the run that measured it.
    package var serviceMean: Double
    package var serviceRun: RunID
    /// Seconds; nil for none.
    package var acquireTimeout: Double?
    /// Of the database's machine, where known.
    package var cores: Int?
    package init(
      users: Int, thinkTime: Double, serviceMean: Double, serviceRun: RunID, acquireTimeout: Double?, cores: Int? = nil
    ) {
      self.users = users
      self.thinkTime = thinkTime
      self.serviceMean = serviceMean
      self.serviceRun = serviceRun
      self.acquireTimeout = acquireTimeout
      self.cores = cores
    }
  }

  /// Why a person may believe a line.
  package enum Source: Hashable, Sendable {
    case measured(RunID)
    /// Stated by the load of the experiment or by a person.
    case given
    /// Follows from the lines above.
    case computed
    /// Somebody else's rule, or a limit of ours.
    case rule(String)
  }

  /// One line of the sum: `busy connections = 556.5 /s x 0.0484 s = 26.9 connections`.
  package struct Line: Hashable, Sendable {
    package var term: String
    package var value: Double
    package var unit: String
    /// How it is computed, in words and figures; empty for inputs.
    package var formula: String
    package var source: Source
  }

  /// What the model says of one size.
  package typealias Candidate = SizeForecast

  package static let mostUtilisation = SizeForecast.mostUtilisation
  package static let mostLongWaits = SizeForecast.mostLongWaits
  package static let mostTimeouts = SizeForecast.mostTimeouts

  package var input: Input
  package var lines: [Line]
  /// In order of size; contains `recommended`.
  package var candidates: [Candidate]
  /// The smallest size that keeps all three limits; nil when none up to the number of users does.
  package var recommended: Int?
  /// What the sum does not know, as sentences.
  package var caveats: [String]
  private let load: ClosedLoad

  /// Nil unless users and service time are positive and the think time is not negative.
  ///
  /// - Parameter sizes: sizes to show beside the recommended one, such as those of baseline and change.
  package init?(_ input: Input, sizes: [Int] = []) {
    guard
      let load = ClosedLoad(
        users: input.users, thinkTime: input.thinkTime, serviceTime: input.serviceMean,
        acquireTimeout: input.acquireTimeout)
    else { return nil }
    self.input = input
    self.load = load
    recommended = load.fewest
    let shown = Set(sizes + [recommended, Self.wikiSize(input)].compactMap { $0 })
    candidates = shown.sorted().compactMap(load.forecast)
    lines = Self.sum(input, load, recommended: recommended)
    caveats = Self.caveats(input, load)
  }

  /// Connections busy on average if nobody ever waited.
  package var busy: Double { load.busy }

  /// Cores x 2 + 1: PostgreSQL's wiki and HikariCP's page, with one effective spindle.
  private static func wikiSize(_ input: Input) -> Int? { input.cores.map { $0 * 2 + 1 } }

  // MARK: - The sum, line by line

  private static func sum(_ input: Input, _ load: ClosedLoad, recommended: Int?) -> [Line] {
    let (think, service) = (decimal(input.thinkTime, places: 4), decimal(input.serviceMean, places: 4))
    let (demand, busy) = (load.rate, load.busy)
    var lines = [
      Line(term: "users", value: Double(input.users), unit: "users", formula: "", source: .given),
      Line(term: "think time", value: input.thinkTime, unit: "s", formula: "", source: .given),
      Line(
        term: "service time", value: input.serviceMean, unit: "s", formula: "", source: .measured(input.serviceRun)),
      Line(
        term: "throughput needed", value: demand, unit: "/s",
        formula: "\(input.users) users / (\(think) s + \(service) s)", source: .computed),
      Line(
        term: "busy connections", value: busy, unit: "connections",
        formula: "\(fixed(demand, places: 1)) /s x \(service) s (Little's law)", source: .computed),
      Line(
        term: "size for the utilisation limit", value: busy / mostUtilisation, unit: "connections",
        formula: "\(fixed(busy, places: 1)) / \(decimal(mostUtilisation, places: 2))",
        source: .rule("utilisation below 80 %")),
    ]
    if let recommended {
      lines.append(
        Line(
          term: "recommended size", value: Double(recommended), unit: "connections",
          formula:
            "smallest below 80 % utilisation, with at most 1 % waiting over \(decimal(input.serviceMean * 500, places: 1)) ms",
          source: .computed))
    }
    if let wiki = wikiSize(input), let cores = input.cores {
      lines.append(
        Line(
          term: "starting point for a database bound by its cores", value: Double(wiki), unit: "connections",
          formula: "\(cores) cores x 2 + 1", source: .rule("PostgreSQL wiki and HikariCP, \"About Pool Sizing\"")))
    }
    return lines
  }

  private static func caveats(_ input: Input, _ load: ClosedLoad) -> [String] {
    var found = [
      "Think and service times are taken as exponential, and the service time as the same at every size: "
        + "if the database runs out of cores, more connections make it longer.",
      "The think time is a statement about the users, not a measurement: with half of it the need nearly doubles.",
    ]
    if let wiki = wikiSize(input), wiki < Int(load.busy) {
      found.append(
        "Cores x 2 + 1 holds for statements that keep a core busy; here a connection spends most of its time waiting, "
          + "so \(wiki) connections would not carry this load.")
    }
    return found
  }
}

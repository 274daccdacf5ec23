import Evidence
import Model
import Statistics

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
  package struct Candidate: Hashable, Sendable {
    package var size: Int
    /// Share of time that a connection is busy, 0...1.
    package var utilisation: Double
    /// Requests per second.
    package var throughput: Double
    /// Seconds, if nobody gave up.
    package var meanWait: Double
    package var waitP95: Double
    package var responseP95: Double
    /// Share of requests that wait longer than `longWait`.
    package var longWaitShare: Double
    /// Share of requests that give up at the acquire timeout, about (within a factor of two near saturation); nil without one.
    package var timeoutShare: Double?
  }

  /// Above this share of busy connections small bursts make queues: the field's usual target.
  package static let mostUtilisation = 0.80
  /// At most this share of requests may wait longer than half of a mean service time.
  package static let mostLongWaits = 0.01
  /// At most this share may give up; at 0.1 % a percentile of 99.9 would still see it.
  package static let mostTimeouts = 0.0001

  package var input: Input
  package var lines: [Line]
  /// In order of size; contains `recommended`.
  package var candidates: [Candidate]
  /// The smallest size that keeps all three limits; nil when none up to the number of users does.
  package var recommended: Int?
  /// What the sum does not know, as sentences.
  package var caveats: [String]

  /// Nil unless users and service time are positive and the think time is not negative.
  ///
  /// - Parameter sizes: sizes to show beside the recommended one, such as those of baseline and change.
  package init?(_ input: Input, sizes: [Int] = []) {
    guard input.users > 0, input.serviceMean > 0, input.thinkTime >= 0, input.serviceMean.isFinite,
      input.thinkTime.isFinite
    else { return nil }
    self.input = input
    recommended = Self.smallest(input)
    let shown = Set(sizes + [recommended, Self.wikiSize(input)].compactMap { $0 })
    candidates = shown.sorted().compactMap { Self.candidate(input, size: $0) }
    lines = Self.sum(input, recommended: recommended)
    caveats = Self.caveats(input)
  }

  /// Connections busy on average if nobody ever waited.
  package var busy: Double { Self.demand(input) * input.serviceMean }

  /// Requests per second that the users make when nobody waits.
  private static func demand(_ input: Input) -> Double {
    Double(input.users) / (input.thinkTime + input.serviceMean)
  }

  // MARK: - The model

  private static func candidate(_ input: Input, size: Int) -> Candidate? {
    guard
      let pool = ClosedPool(
        users: input.users, servers: size, serviceTime: input.serviceMean, thinkTime: input.thinkTime)
    else { return nil }
    return Candidate(
      size: size, utilisation: pool.utilisation, throughput: pool.throughput, meanWait: pool.meanWait,
      waitP95: pool.waitQuantile(0.95), responseP95: pool.responseQuantile(0.95),
      longWaitShare: pool.waitTail(input.serviceMean / 2), timeoutShare: timeoutShare(input, pool))
  }

  /// M/M/c with a constant timeout, at the arrival rate at which its users go round: N = rate x (think + wait + service).
  /// Nobody can give up who never waits that long with unlimited patience, so the smaller of the two counts.
  private static func timeoutShare(_ input: Input, _ pool: ClosedPool) -> Double? {
    guard let timeout = input.acquireTimeout, timeout > 0 else { return nil }
    var (low, high) = (0.0, Double(input.users) / max(input.thinkTime, input.serviceMean / 1000))
    var share = 0.0
    for _ in 0..<60 {
      let rate = (low + high) / 2
      guard
        let impatient = ImpatientPool(
          servers: pool.servers, arrivalRate: rate, serviceTime: input.serviceMean, timeout: timeout)
      else { return nil }
      share = impatient.timeoutProbability
      let round = input.thinkTime + impatient.meanWait + (1 - share) * input.serviceMean
      if rate * round > Double(input.users) { high = rate } else { low = rate }
    }
    return min(share, pool.waitTail(timeout))
  }

  private static func suffices(_ candidate: Candidate) -> Bool {
    candidate.utilisation < mostUtilisation && candidate.longWaitShare <= mostLongWaits
      && (candidate.timeoutShare ?? 0) <= mostTimeouts
  }

  /// By bisection: all three limits ease with every connection.
  private static func smallest(_ input: Input) -> Int? {
    let keeps = { (size: Int) in candidate(input, size: size).map(suffices) ?? false }
    guard keeps(input.users) else { return nil }
    var (below, above) = (0, input.users)
    while above - below > 1 {
      let middle = (below + above) / 2
      if keeps(middle) { above = middle } else { below = middle }
    }
    return above
  }

  /// Cores x 2 + 1: PostgreSQL's wiki and HikariCP's page, with one effective spindle.
  private static func wikiSize(_ input: Input) -> Int? { input.cores.map { $0 * 2 + 1 } }

  // MARK: - The sum, line by line

  private static func sum(_ input: Input, recommended: Int?) -> [Line] {
    let (think, service) = (decimal(input.thinkTime, places: 4), decimal(input.serviceMean, places: 4))
    let demand = demand(input)
    let busy = demand * input.serviceMean
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

  private static func caveats(_ input: Input) -> [String] {
    var found = [
      "Think and service times are taken as exponential, and the service time as the same at every size: "
        + "if the database runs out of cores, more connections make it longer.",
      "The think time is a statement about the users, not a measurement: with half of it the need nearly doubles.",
    ]
    if let wiki = wikiSize(input), wiki < Int(demand(input) * input.serviceMean) {
      found.append(
        "Cores x 2 + 1 holds for statements that keep a core busy; here a connection spends most of its time waiting, "
          + "so \(wiki) connections would not carry this load.")
    }
    return found
  }
}

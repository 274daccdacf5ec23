import Model

/// What a sizing can be told.
package enum SizingTerm: String, CaseIterable, Hashable, Sendable {
  case users
  case thinkTime = "think_time"
  case serviceTime = "service_time"
  case rate
  case acquireTimeout = "acquire_timeout"
  case cores
  case spindles
  case threads
  case connectionsPerThread = "connections_per_thread"
  case serverMemory = "server_memory"
  case backendMemory = "backend_memory"
  case maxConnections = "max_connections"
  case cpuPerRequest = "cpu_per_request"

  package var dimension: Dimension {
    switch self {
    case .users: .users
    case .thinkTime, .serviceTime, .acquireTimeout: .time
    case .rate: .rate
    case .cores: Dimension(.core)
    case .spindles: Dimension(.spindle)
    case .threads: Dimension(.thread)
    case .connectionsPerThread: .connections / Dimension(.thread)
    case .serverMemory: .memory
    case .backendMemory: .memory / .connections
    case .maxConnections: .connections
    case .cpuPerRequest: .time * Dimension(.core) / Dimension(.request)
    }
  }

  package var title: String { rawValue.replacing("_", with: " ") }

  /// The option that types it; nil where only a run can tell.
  package var option: String? { self == .cpuPerRequest ? nil : "--" + rawValue.replacing("_", with: "-") }
}

/// One input, and why a person may believe it.
package struct SizingInput: Hashable, Sendable {
  package enum Origin: Hashable, Sendable {
    case measured(RunID)
    /// What the run's experiment laid down: its users, its think time, its server's settings.
    case stated(RunID)
    /// Typed.
    case given
    /// A rule of thumb, with its source.
    case assumed(String)
  }

  /// In base units: seconds, bytes.
  package var value: Double
  package var origin: Origin
  package init(_ value: Double, _ origin: Origin) {
    self.value = value
    self.origin = origin
  }
}

/// All inputs of one sizing. What is typed stands before what a run says, and that before what is assumed.
package struct SizingInputs: Hashable, Sendable {
  private var known: [SizingTerm: SizingInput] = [:]

  package init() {}

  package subscript(term: SizingTerm) -> SizingInput? {
    get { known[term] }
    set { known[term] = newValue }
  }

  package func value(_ term: SizingTerm) -> Double? { known[term]?.value }
  package func count(_ term: SizingTerm) -> Int? { value(term).flatMap { Int(exactly: $0.rounded()) } }

  /// In the order of `SizingTerm`.
  package var all: [(term: SizingTerm, input: SizingInput)] {
    SizingTerm.allCases.compactMap { term in known[term].map { (term, $0) } }
  }

  /// These, where `other` does not say otherwise. A demand that is typed replaces the whole demand of a run: users who
  /// think and a rate would be two demands.
  package func overridden(by other: SizingInputs) -> SizingInputs {
    var result = self
    if other[.rate] != nil { (result[.users], result[.thinkTime]) = (nil, nil) }
    if other[.users] != nil || other[.thinkTime] != nil { result[.rate] = nil }
    result.known.merge(other.known) { $1 }
    return result
  }

  /// With rules of thumb where nothing better is known.
  package var completed: SizingInputs {
    var result = self
    if self[.cores] != nil, self[.spindles] == nil {
      result[.spindles] = SizingInput(1, .assumed("PostgreSQL wiki: one spindle for a solid-state disk"))
    }
    if self[.backendMemory] == nil {
      result[.backendMemory] = SizingInput(10e6, .assumed("rule of thumb 5-10 MB, the dearer end; measure it"))
    }
    return result
  }

  /// A term as a quantity. Formulas ask for all that they need first, so that what is missing is told at once.
  func quantity(_ term: SizingTerm) throws(FormulaProblem) -> Quantity {
    guard let value = value(term) else { throw .lacks([term]) }
    return Quantity(value, term.dimension)
  }

  func need(_ terms: SizingTerm...) throws(FormulaProblem) {
    let missing = terms.filter { known[$0] == nil }
    if !missing.isEmpty { throw .lacks(missing) }
  }
}

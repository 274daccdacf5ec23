package import Model
package import Postgres

/// All that a load needs to know before it starts.
package struct LoadPlan: Sendable {
  /// Where statements go; nil for a load over HTTP, which names its app itself.
  package var server: ConnectionInfo?
  package var settings: PoolSettings
  package var load: LoadSpec
  /// The same seed gives the same think times, arrivals, transactions and parameters.
  package var seed: UInt64
  /// Ends the load when so many requests are answered; nil: when its time is over. For benchmarks.
  package var requestLimit: Int?
  /// Lets libpq carry the requests also where poolops could itself. For benchmarks and tests.
  package var usesLibpq: Bool

  package init(
    server: ConnectionInfo?, settings: PoolSettings, load: LoadSpec, seed: UInt64, requestLimit: Int? = nil,
    usesLibpq: Bool = false
  ) {
    self.server = server
    self.settings = settings
    self.load = load
    self.seed = seed
    self.requestLimit = requestLimit
    self.usesLibpq = usesLibpq
  }
}

/// Why a load could not be started, or broke off.
package struct LoadError: Error, Hashable, Sendable {
  package enum Code: Hashable, Sendable {
    /// Not one connection could be opened, and why.
    case cannotConnect(ErrorClass)
    /// A header is to have the value of an environment variable that is not set.
    case variableMissing
    /// The machine refused a descriptor or a thread.
    case system
  }
  package var code: Code
  /// What libpq, the server or the kernel said; holds no password.
  package var message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }
}

extension LoadError {
  init(_ fault: ConnectFault) { self.init(code: .cannotConnect(fault.error), message: fault.message) }
}

/// How a load stands, renewed at the end of each second.
package struct LoadProgress: Hashable, Sendable {
  /// Since the warm-up began.
  package var elapsed: Duration = .zero
  /// Warm-up and measured part together.
  package var total: Duration
  package var isWarmUp = true
  /// Of the last second: requests finished, failed ones included.
  package var rate = 0
  /// Of the last second, seconds; nil when no request succeeded in it.
  package var p95: Double?
  /// Requests that failed so far, warm-up included.
  package var errors = 0
  /// At the end of the last second.
  package var active = 0
  package var idle = 0
  package var waiting = 0
}

/// Counts over the measured part: `due + inFlightAtStart = completed + failures + inFlightAtEnd`.
package struct LoadTotals: Hashable, Sendable {
  /// Requests that were due in the warm-up and not finished when the measured part began.
  package var inFlightAtStart = 0
  /// Requests that fell due in the measured part.
  package var due = 0
  /// Requests answered without error in the measured part, also those due in the warm-up.
  package var completed = 0
  package var failed: [ErrorClass: Int] = [:]
  /// Requests that were due, and neither answered nor failed when the measured part ended.
  package var inFlightAtEnd = 0
  /// Attempts to open a connection that failed, warm-up included. A request fails with such a class only when it also
  /// outwaited `acquire_timeout`.
  package var connectFailures: [ErrorClass: Int] = [:]

  package init() {}

  package var failures: Int { failed.values.reduce(0, +) }

  package var addsUp: Bool { due + inFlightAtStart == completed + failures + inFlightAtEnd }
}

/// What a load has left to say when it is over.
package struct LoadReport: Sendable {
  /// Those that `takeSlices` has not given yet.
  package var slices: [Slice]
  package var totals: LoadTotals
  /// What the pool took.
  package var effective: PoolSettings
  /// False when the load was stopped, or broke off: its last slice is then shorter than a second.
  package var isComplete: Bool
  package var fault: LoadError?
  /// nil where none failed.
  package var firstFailure: FirstFailure?

  /// As in `totals`.
  package var inFlightAtEnd: Int { totals.inFlightAtEnd }
}

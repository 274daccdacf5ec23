/// Whose pool a load puts under load.
package enum PoolUnderLoad: Hashable, Sendable {
  /// poolops's own, whose every change the load engine sees.
  case own
  /// That of an app which is asked over HTTP. What the engine counts are then its own connections to the app; the pool is
  /// known as far as the app tells.
  case app
  /// That of the PgBouncer which is tuned and through which the statements go: what its console shows. What the engine counts are then
  /// its own connections to PgBouncer, of which there is one for each request in hand.
  case pooler

  package init(_ target: TargetSpec, _ load: LoadSpec) {
    switch (load.carrier, target) {
    case (.http, _): self = .app
    case (.sql, .pgBouncer): self = .pooler
    case (.sql, _): self = .own
    }
  }

  /// Whether what is known of it is what it told once a second, and nothing of it is in the slices.
  package var isTold: Bool { self != .own }
}

extension Experiment {
  package var poolUnderLoad: PoolUnderLoad { PoolUnderLoad(target, load) }

  /// What a run is recorded with as its fact `carrier`; nil for statements over poolops's own pool.
  package var carrierFact: String? {
    switch (load.carrier, poolUnderLoad) {
    case (.http(let spec), _): "HTTP/\(spec.version.rawValue)"
    case (.sql, .pooler): Run.pooled
    case (.sql, _): nil
    }
  }
}

extension Run {
  package var carrier: String? { environment["carrier"] }

  package var poolUnderLoad: PoolUnderLoad { carrier == nil ? .own : carrier == Self.pooled ? .pooler : .app }

  fileprivate static let pooled = "SQL through PgBouncer"

  /// Whether several requests may use one connection at a time, so that connections in use are no requests in hand.
  package var sharesConnections: Bool { carrier == "HTTP/\(HTTPLoadSpec.Version.http2.rawValue)" }
}

extension ProbeSample {
  /// Whether an app, or a pooler, told of its pool then.
  package var tellsOfPool: Bool { values.keys.contains(where: \.isOfAppPool) }
  /// Whether nothing else was read then: who tells is asked on a clock of its own.
  package var tellsOfPoolOnly: Bool { !values.isEmpty && values.keys.allSatisfy(\.isOfAppPool) }
}

extension ProbeGauge {
  package var isOfAppPool: Bool {
    switch self {
    case .poolMax, .poolInUse, .poolIdle, .poolWaiting, .poolOldestWait, .poolTimeouts, .poolAcquireSeconds,
      .poolAcquisitions:
      true
    default: false
    }
  }
}

extension Metric {
  /// Whether it says something of the pool under load, and not of the requests.
  package var isOfPool: Bool {
    switch self {
    case .acquireTimeouts, .poolUtilisation, .connectionsUsed, .waiting: true
    default: false
    }
  }
}

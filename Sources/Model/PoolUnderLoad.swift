/// Whose pool a load puts under load.
package enum PoolUnderLoad: Hashable, Sendable {
  /// poolops's own, whose every change the load engine sees.
  case own
  /// That of an app which is asked over HTTP. What the engine counts are then its own connections to the app; the pool is
  /// known as far as the app tells.
  case app
}

extension LoadSpec {
  package var poolUnderLoad: PoolUnderLoad { carrierFact == nil ? .own : .app }

  /// What a run is recorded with as its fact `carrier`; nil for a load of statements.
  package var carrierFact: String? {
    guard case .http(let spec) = carrier else { return nil }
    return "HTTP/\(spec.version.rawValue)"
  }
}

extension Run {
  package var carrier: String? { environment["carrier"] }

  package var poolUnderLoad: PoolUnderLoad { carrier == nil ? .own : .app }

  /// Whether several requests may use one connection at a time, so that connections in use are no requests in hand.
  package var sharesConnections: Bool { carrier == "HTTP/\(HTTPLoadSpec.Version.http2.rawValue)" }
}

extension ProbeSample {
  /// Whether an app told of its pool then.
  package var tellsOfPool: Bool { values.keys.contains(where: \.isOfAppPool) }
  /// Whether nothing else was read then: the app is asked on a clock of its own.
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

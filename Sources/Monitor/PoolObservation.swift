import Model

/// What a source told of one pool at one moment.
package struct PoolObservation: Hashable, Sendable {
  /// Seconds on any clock that goes forward.
  package var at: Double
  package var gauges: PoolGauges

  package init(at: Double, gauges: PoolGauges) {
    self.at = at
    self.gauges = gauges
  }
}

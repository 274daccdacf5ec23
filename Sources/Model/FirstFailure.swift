/// The first request of a block that failed.
package struct FirstFailure: Hashable, Sendable {
  /// Seconds since the measured part began, to the microsecond; negative during warm-up.
  package var second: Double
  package var error: ErrorClass
  package init(second: Double, error: ErrorClass) {
    self.second = second
    self.error = error
  }
}

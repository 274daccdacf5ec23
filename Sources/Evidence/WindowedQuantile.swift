import Statistics

/// The quantile of a block as a typical user meets it: the median over the block's windows of each window's quantile.
///
/// The pooled quantile of a minute moves by tens of percent with a single stall; this one does not, so that blocks can
/// be compared. Stalls are not hidden: checks also look at the share of all requests beyond their limit.
enum WindowedQuantile {
  /// Shortest window, seconds.
  static let shortestWindow = 5
  /// Values that must lie beyond the quantile in a window: 400 requests for p95, 2,000 for p99.
  static let valuesBeyond = 20.0

  /// The whole, and nanoseconds by quantile (absent when nothing was recorded). `seconds` holds one histogram a second.
  static func reduce(_ seconds: [Histogram], to quantiles: [Double]) -> (whole: Histogram, values: [Double: Double]) {
    let requests = seconds.reduce(0) { $0 + $1.count }
    let byWindows = Dictionary(grouping: quantiles) { windowCount($0, requests: requests, seconds: seconds.count) }
    var values: [Double: Double] = [:]
    var whole: Histogram?
    for (count, quantiles) in byWindows {
      let windows = (0..<count).map { window in
        Histogram.merged(seconds[window * seconds.count / count..<(window + 1) * seconds.count / count])
      }
      for q in quantiles { values[q] = Summary.median(windows.compactMap { $0.quantile(q) }) }
      if whole == nil { whole = Histogram.merged(windows) }
    }
    return (whole ?? Histogram.merged(seconds), values)
  }

  /// As many equal windows as are long enough, at least one: a short block is a single window.
  static func windowCount(_ q: Double, requests: Int, seconds: Int) -> Int {
    let byTime = seconds / shortestWindow
    // The small excess keeps 8,000 requests at p99 from falling to three windows by rounding.
    let byRequests = Int(Double(requests) * (1 - q) / valuesBeyond + 1e-9)
    return max(1, min(byTime, byRequests))
  }
}

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

  /// What the seconds of a block come to.
  struct Reduced {
    var whole = Histogram()
    /// Nanoseconds by quantile; absent when nothing was recorded.
    var values: [Double: Double] = [:]
    /// Seconds that could not be read.
    var damaged = 0
  }

  /// - Parameters:
  ///   - encoded: histograms with their second, 0 or later.
  ///   - seconds: length of the block.
  ///   - requests: about how many values there are; decides how long a window must be.
  static func reduce(
    _ encoded: [(second: Int, bytes: [UInt8])], seconds: Int, requests: Int, to quantiles: [Double]
  ) -> Reduced {
    var reduced = Reduced()
    let byWindows = Dictionary(grouping: quantiles) { windowCount($0, requests: requests, seconds: seconds) }
    let edges = Set(byWindows.keys.flatMap { bounds($0, seconds: seconds) }).union([0, seconds]).sorted()
    let parts = parts(encoded, edges: edges, damaged: &reduced.damaged)
    reduced.whole = Histogram.merged(parts)
    for (count, quantiles) in byWindows {
      let windows = count == 1 ? [reduced.whole] : windows(bounds(count, seconds: seconds), of: parts, edges: edges)
      for q in quantiles { reduced.values[q] = Summary.median(windows.compactMap { $0.quantile(q) }) }
    }
    return reduced
  }

  /// Where the windows begin, and the last one ends.
  private static func bounds(_ count: Int, seconds: Int) -> [Int] { (0...count).map { $0 * seconds / count } }

  /// One histogram from each edge to the next: read once, however many kinds of windows are made of them.
  private static func parts(
    _ encoded: [(second: Int, bytes: [UInt8])], edges: [Int], damaged: inout Int
  ) -> [Histogram] {
    var parts = [Histogram](repeating: Histogram(), count: max(edges.count - 1, 1))
    var part = 0
    for (second, bytes) in encoded {
      while part > 0, second < edges[part] { part -= 1 }
      while part + 1 < parts.count, second >= edges[part + 1] { part += 1 }
      if !parts[part].merge(encoded: bytes) { damaged += 1 }
    }
    return parts
  }

  private static func windows(_ bounds: [Int], of parts: [Histogram], edges: [Int]) -> [Histogram] {
    var part = 0
    return bounds.dropFirst().map { end in
      let first = part
      while part < parts.count, edges[part] < end { part += 1 }
      return part - first == 1 ? parts[first] : Histogram.merged(parts[first..<part])
    }
  }

  /// As many equal windows as are long enough, at least one: a short block is a single window.
  static func windowCount(_ q: Double, requests: Int, seconds: Int) -> Int {
    let byTime = seconds / shortestWindow
    // The small excess keeps 8,000 requests at p99 from falling to three windows by rounding.
    let byRequests = Int(Double(requests) * (1 - q) / valuesBeyond + 1e-9)
    return max(1, min(byTime, byRequests))
  }
}

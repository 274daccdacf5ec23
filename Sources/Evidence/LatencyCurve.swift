import Model
import Statistics

/// How long the requests of a run took: for each time, the share of them that took longer.
package struct LatencyCurve: Hashable, Sendable {
  package struct Point: Hashable, Sendable {
    package var seconds: Double
    /// Share of all requests that took longer, 0...1.
    package var slower: Double
    package init(seconds: Double, slower: Double) {
      self.seconds = seconds
      self.slower = slower
    }
  }

  /// In order of time; `slower` falls, and ends at `cutOff`.
  package var points: [Point]
  /// Share of requests that were given up at a time limit: slower than whatever the curve shows.
  package var cutOff: Double
  package var requests: Int

  package init(points: [Point], cutOff: Double, requests: Int) {
    self.points = points
    self.cutOff = cutOff
    self.requests = requests
  }

  /// - Parameter timeouts: requests that were given up, and are not in `latency`.
  init?(_ latency: Histogram, timeouts: Int) {
    requests = latency.count + timeouts
    guard !latency.isEmpty, let range = latency.range else { return nil }
    cutOff = Double(timeouts) / Double(requests)
    var slower = requests
    points = [Point(seconds: Double(range.lowerBound) / 1e9, slower: 1)]
    for bucket in latency.buckets {
      slower -= bucket.count
      let end = min(bucket.values.upperBound, range.upperBound)
      points.append(Point(seconds: Double(end) / 1e9, slower: Double(slower) / Double(requests)))
    }
  }
}

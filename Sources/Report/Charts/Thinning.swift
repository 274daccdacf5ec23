import Model

/// Fewer points of a long series, without losing a peak: of each stretch the lowest, the median and the highest remain.
struct Thinning: Hashable, Sendable {
  /// Seconds that become one point; 1 leaves everything as it was measured.
  let seconds: Int

  /// Points of one line that a page can show: more than that lie within the same pixel.
  static let mostPoints = 400
  private static let steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600]

  /// For a series of so many seconds.
  init(of length: Int) {
    seconds = Self.steps.first { length / $0 <= Self.mostPoints } ?? length / Self.mostPoints + 1
  }

  struct Thinned: Hashable, Sendable {
    var line: [ChartPanel.Point]
    /// Empty where nothing was left out.
    var band: [ChartPanel.Extent]
  }

  /// - Parameter points: one a second at most, in order.
  func thinned(_ points: [ChartPanel.Point]) -> Thinned {
    guard seconds > 1, let first = points.first else { return Thinned(line: points, band: []) }
    var line: [ChartPanel.Point] = []
    var band: [ChartPanel.Extent] = []
    var rest = points[...]
    while let start = rest.first {
      let bucket = ((start.x - first.x) / Double(seconds)).rounded(.down)
      let limit = first.x + (bucket + 1) * Double(seconds)
      let part = rest.prefix { $0.x < limit }
      rest = rest.dropFirst(part.count)
      let values = part.map(\.y).sorted()
      let end = part.last?.x ?? start.x
      // A piece that becomes a single point keeps its length: a point of no width would not be seen.
      let isAlone = line.isEmpty && rest.isEmpty && end > start.x
      for x in isAlone ? [start.x, end] : [(start.x + end) / 2] {
        line.append(ChartPanel.Point(x: x, y: median(values)))
        band.append(ChartPanel.Extent(x: x, low: values.first ?? 0, high: values.last ?? 0))
      }
    }
    return Thinned(line: line, band: band)
  }

  /// What the caption has to say; empty where nothing was left out.
  var note: String {
    seconds == 1 ? "" : " Each point is the median of \(seconds) seconds; the band spans their lowest and highest."
  }
}

/// Of sorted values; 0 of none.
func median(_ sorted: [Double]) -> Double {
  guard !sorted.isEmpty else { return 0 }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

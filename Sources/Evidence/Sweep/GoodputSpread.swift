import Model
import Statistics

/// How far the goodput of a block wanders from one window of five seconds to the next.
enum GoodputSpread {
  /// The standard deviation of the windows as a share of their mean; nil where there are no two, or nothing came through.
  static func of(_ slices: [Slice]) -> Double? {
    let whole = slices.filter { $0.second >= 0 && $0.length >= 1 }
    let count = ((whole.map(\.second).max() ?? -1) + 1) / SweepSpec.windowSeconds
    guard count >= 2 else { return nil }
    var windows = [Double](repeating: 0, count: count)
    for slice in whole where slice.second / SweepSpec.windowSeconds < count {
      windows[slice.second / SweepSpec.windowSeconds] += Double(slice.completed)
    }
    guard let mean = Summary.mean(windows), mean > 0, let deviation = Summary.standardDeviation(windows) else {
      return nil
    }
    return deviation / mean
  }
}

extension RecordedRun {
  /// Blocks, by their number in the run, whose windows spread by more than a sweep takes for steady.
  package var unsteadyBlocks: Set<Int> {
    Set(
      blocks.filter { recorded in
        recorded.block.status == .finished && (GoodputSpread.of(recorded.slices) ?? 0) > SweepSpec.steadySpread
      }.map(\.block.pair))
  }
}

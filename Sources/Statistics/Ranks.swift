/// Ranks of values; equal values share the mean of theirs.
enum Ranks {
  /// Twice the rank of each value, a whole number even when ranks are shared.
  static func doubled(_ values: [Double]) -> [Int] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Int](repeating: 0, count: values.count)
    for run in runs(of: values, in: order) {
      for position in run { ranks[order[position]] = run.lowerBound + run.upperBound + 1 }
    }
    return ranks
  }

  /// Stretches of equal values in the sorted order.
  static func runs(of values: [Double], in order: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for end in order.indices where end + 1 == order.count || values[order[end + 1]] != values[order[end]] {
      runs.append(start..<(end + 1))
      start = end + 1
    }
    return runs
  }
}

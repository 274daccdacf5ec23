/// One number for many.
package enum Summary {
  package static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Of a sample (divided by n - 1); nil for fewer than two values.
  package static func standardDeviation(_ values: [Double]) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// The middle value, or the mean of the two middle ones.
  package static func median(_ values: [Double]) -> Double? {
    medianOfSorted(values.sorted())
  }

  static func medianOfSorted(_ sorted: [Double]) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The value of rank ceil(q n) among the values.
  package static func quantile(_ q: Double, of values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[QuantileInterval.rank(of: q, count: values.count) - 1]
  }
}

/// Holm's step-down correction (1979): keeps the chance of any false discovery among several tests at alpha.
package enum Holm {
  /// Adjusted p values in the order given; compare each with alpha.
  package static func adjusted(_ p: [Double]) -> [Double] {
    var adjusted = p
    var largest = 0.0
    for (position, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
      largest = max(largest, min(1, p[index] * Double(p.count - position)))
      adjusted[index] = largest
    }
    return adjusted
  }
}

import Model
import Statistics

/// When the runner may look at the evidence of an execution under way, and what each look costs.
///
/// Between looks the evidence is not weighed at all, since looking is what must be paid for.
package enum Look {
  /// After how many pairs to look: 8, 12, 16, 20 below the planned count, and the planned count itself.
  package static func points(of plan: PairsSpec) -> [Int] {
    guard plan.stopEarly else { return [plan.count] }
    return Looks.standard.pairs.filter { $0 < plan.count } + [plan.count]
  }

  /// Two-sided level of each look, so that all looks together keep 5 %: 0.0182 for four (Pocock). It is exact for equal
  /// steps; ours begin late, which makes the looks more alike and the whole a little safer.
  static func alpha(of plan: PairsSpec?) -> Double {
    guard let plan, let looks = Looks(pairs: points(of: plan)) else { return Looks.single(pairs: 1).alpha }
    return looks.alpha
  }
}

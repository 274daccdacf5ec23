import Model

extension Difference {
  /// Settings that differ: what was in force where both runs say so, else what was wanted.
  static func settings(_ before: RunFigures, _ after: RunFigures) -> [Difference] {
    let known = before.effective.flatMap { first in after.effective.map { (first, $0) } }
    let (first, second) = known ?? (before.run.wanted, after.run.wanted)
    let texts = (first.texts, second.texts)
    return SettingKey.allCases.compactMap { key in
      difference(key.rawValue, texts.0[key], texts.1[key])
    }
  }

  /// What should not differ but does, by name; then the lengths of what was measured.
  /// - Parameter mayEndEarly: the load is over when it is through, which may be sooner in one of the runs.
  static func others(_ before: RunFigures, _ after: RunFigures, mayEndEarly: Bool) -> [Difference] {
    let (first, second) = (before.run.environment, after.run.environment)
    let names = Set(first.keys).union(second.keys).sorted()
    var found = names.compactMap { difference($0, first[$0], second[$0]) }
    // A group of three runs may well stand against one: it only has more blocks.
    if before.runs.count == after.runs.count {
      found += [difference("blocks", "\(before.blocks)", "\(after.blocks)")].compactMap { $0 }
    }
    if mayEndEarly { return found }
    let seconds = (perBlock(before), perBlock(after))
    if abs(seconds.0 - seconds.1) > max(1, 0.01 * max(seconds.0, seconds.1)) {
      found.append(
        Difference(
          name: "seconds per block", before: decimal(seconds.0, places: 1), after: decimal(seconds.1, places: 1)))
    }
    return found
  }

  private static func perBlock(_ figures: RunFigures) -> Double {
    figures.blocks > 0 ? Double(figures.measuredSeconds) / Double(figures.blocks) : 0
  }

  private static func difference(_ name: String, _ before: String?, _ after: String?) -> Difference? {
    before == after ? nil : Difference(name: name, before: before ?? "unknown", after: after ?? "unknown")
  }
}

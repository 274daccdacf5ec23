extension SlotBudget {
  package var usable: Int? {
    total.map { max(0, $0.value - deductions.reduce(0) { $0 + $1.count.value }) }
  }

  /// The slots of all takers that are known.
  package var atRest: Int { lines.reduce(0) { $0 + ($1.slots ?? 0) } }

  /// While the taker that adds most is deployed, all others at rest.
  package var duringOneDeploy: Int { atRest + (lines.map(\.surge).max() ?? 0) }

  /// While everything is deployed at once.
  package var duringAllDeploys: Int { atRest + lines.reduce(0) { $0 + $1.surge } }

  /// Of the usable slots, at rest; nil when they are not known.
  package var share: Double? {
    usable.map { $0 > 0 ? Double(atRest) / Double($0) : atRest > 0 ? .infinity : 0 }
  }

  /// Takers whose slots are not known: the sums are then only what it takes at least.
  package var isComplete: Bool { lines.allSatisfy { $0.slots != nil } }

  /// The most that may be planned for.
  package var planned: Int? { usable.map { Int((Double($0) * targetShare).rounded(.down)) } }

  package var verdict: Verdict {
    guard let usable else { return .unknown("how many there are is in none of the files") }
    if atRest > usable { return .exceeded }
    if lines.contains(where: \.isUnlimited) { return .unlimited }
    if duringOneDeploy > usable { return .breaksDuringDeploy }
    if duringAllDeploys > usable { return .breaksWhenAllDeploy }
    if let planned, atRest > planned { return .tight }
    let unknown = lines.compactMap(\.unknown)
    return unknown.first.map { .unknown($0) } ?? .fits
  }

  /// For each taker in copies, the first number of them that no longer fits while all others stay as they are.
  package var breaks: [Break] {
    guard let usable else { return [] }
    return lines.compactMap { line in
      guard let each = line.perCopy, each > 0, let copies = line.copies, let slots = line.slots else { return nil }
      let room = usable - (atRest - slots)
      let rest = max(1, room / each + 1)
      let deploy = Self.firstDeploy(each, copies.surge.value, room, limit: rest)
      return Break(who: line.who, copies: copies.replicas.value, atRest: rest, duringDeploy: deploy)
    }
  }

  private static func firstDeploy(_ each: Int, _ surge: AuditOptions.Surge, _ room: Int, limit: Int) -> Int {
    // At most `limit` copies fit at rest, so a search upwards ends; a surge only makes it end sooner.
    var (low, high) = (1, max(1, limit))
    while low < high {
      let middle = (low + high) / 2
      if (middle + surge.extra(of: middle)) * each > room { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

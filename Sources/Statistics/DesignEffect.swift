extension Proportion {
  /// All blocks together.
  package static func pooled(_ blocks: [Proportion]) -> Proportion {
    Proportion(events: blocks.reduce(0) { $0 + $1.events }, trials: blocks.reduce(0) { $0 + $1.trials })
  }

  /// How many times the counts of the blocks scatter more than independent ones would: at least 1.
  ///
  /// Pool timeouts come in bursts; 60 to 95 is common, and an interval from raw counts is then far too short.
  /// Nil with fewer than two blocks that have trials. Without any event it is 1: nothing is known of bursts unseen.
  package static func designEffect(_ blocks: [Proportion]) -> Double? {
    let blocks = blocks.filter { $0.trials > 0 }
    guard blocks.count > 1, let rate = pooled(blocks).rate else { return nil }
    guard rate > 0, rate < 1 else { return 1 }
    let scatter = blocks.reduce(0) { sum, block in
      let excess = block.events - block.trials * rate
      return sum + excess * excess / (block.trials * rate * (1 - rate))
    }
    return max(1, scatter / Double(blocks.count - 1))
  }

  /// How many independent values know as much about their mean as `count` successive ones of which neighbours correlate
  /// by `correlation`, 0..<1 (an AR(1) series): why seconds of one run are no sample, and blocks are.
  package static func effectiveCount(of count: Int, correlation: Double) -> Double {
    let n = Double(count)
    var sum = 0.0
    var power = correlation
    for lag in 1..<max(count, 1) {
      sum += (1 - Double(lag) / n) * power
      power *= correlation
    }
    return n / (1 + 2 * sum)
  }

  /// The counts that independent trials would need to know as much.
  package func effective(designEffect: Double) -> Proportion {
    precondition(designEffect >= 1, "a design effect is at least 1")
    return Proportion(events: events / designEffect, trials: trials / designEffect)
  }
}

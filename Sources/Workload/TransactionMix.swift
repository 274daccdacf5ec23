package import Model
package import Statistics

/// Chooses a transaction in proportion to its weight.
package struct TransactionMix: ~Copyable {
  /// Sum of the weights up to and including each transaction.
  private var limits: Slab<Int>
  private let total: Int

  package init(_ transactions: [Transaction]) {
    precondition(!transactions.isEmpty, "a load has at least one transaction")
    limits = Slab(repeating: 0, count: transactions.count)
    var sum = 0
    for (index, transaction) in transactions.enumerated() {
      precondition(transaction.weight > 0, "a weight is at least 1")
      sum += transaction.weight
      limits[index] = sum
    }
    total = sum
  }

  /// The index of the chosen transaction. Draws nothing when there is but one.
  package func choose(_ random: inout RandomSource) -> Int {
    if limits.count == 1 { return 0 }
    let drawn = random.integer(below: total)
    var index = 0
    while limits[index] <= drawn { index += 1 }
    return index
  }
}

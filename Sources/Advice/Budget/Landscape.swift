import Configuration

/// Everything that the files say together: who opens connections, through which poolers, to which servers.
package struct Landscape: Sendable {
  package var files: [ConfigurationFile]
  package var options: AuditOptions
  package var applications: [ApplicationUse]
  package var pools: [PoolUse]
  package var poolers: [PoolerUse]
  package var servers: [ServerUse]
  /// What could not be known of the whole, each a sentence.
  package var remarks: [String]
  /// One for each server, and one for the clients' side of each pooler.
  package var budgets: [SlotBudget]

  /// Of which pooler, when the pool reaches one.
  package func pooler(of pool: PoolUse) -> PoolerUse? {
    if case .pooler(let index, _) = pool.target { poolers[index] } else { nil }
  }

  /// The pools that connect to a pooler, by its index.
  package func clients(of index: Int) -> [PoolUse] {
    pools.filter { if case .pooler(index, _) = $0.target { true } else { false } }
  }
}

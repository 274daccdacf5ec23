import Configuration

/// Everything that the files say together: who opens connections, through which poolers, to which servers.
package struct Landscape: Sendable {
  package var files: [ConfigurationFile]
  package var options: AuditOptions
  package var applications: [ApplicationUse]
  package var pools: [PoolUse]
  package var poolers: [PoolerUse]
  package var servers: [ServerUse]
  /// What could not be known, and what would make it known; assumptions about counts stand in the budgets.
  package var remarks: [ConfigurationFile.Remark]
  /// One for each server, and one for the clients' side of each pooler.
  package var budgets: [SlotBudget]
  /// Of the files, by their paths.
  var formats: [String: ConfigurationFile.Format] = [:]

  /// How the line of the value at a place is written, where its file's format does not say it.
  func manner(at place: Place) -> ConfigurationFile.Manner? { files.lazy.compactMap { $0.manners[place] }.first }

  /// Of the file within a file that a place is in; nil elsewhere.
  func embeddedFormat(at place: Place) -> ConfigurationFile.Format? {
    files.first { $0.path == place.file }?.embedded[place.line]
  }

  /// Of which PgBouncer, when the pool reaches one: what rules know of poolers is known of PgBouncer.
  package func pooler(of pool: PoolUse) -> PoolerUse? {
    if case .pooler(let index, _) = pool.target, poolers[index].isPgBouncer { poolers[index] } else { nil }
  }

  /// The poolers whose settings have PgBouncer's names and meanings.
  package var pgBouncers: [PoolerUse] { poolers.filter(\.isPgBouncer) }

  /// The pools that connect to a server without a pooler, by its index, at the same time.
  package func direct(to index: Int) -> [PoolUse] {
    pools.filter { if case .server(index, _) = $0.target { $0.application.aside == nil } else { false } }
  }

  /// The pools that connect to a pooler, by its index, at the same time.
  package func clients(of index: Int) -> [PoolUse] {
    pools.filter { if case .pooler(index, _) = $0.target { $0.application.aside == nil } else { false } }
  }
}

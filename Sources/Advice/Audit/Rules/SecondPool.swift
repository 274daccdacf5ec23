import Configuration

/// An application with more than one pool.
struct SecondPool: AuditCheck {
  let rule = AuditRule(
    "second-pool", "An application's second pool is known and counted", .note,
    why: """
      A second engine, a pool for reads, one for migrations: each takes slots of its own in every process, and the sum is what the server \
      sees. It is the part of the budget that is most often forgotten.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    let byApplication = Dictionary(grouping: landscape.pools) { "\($0.application.place) \($0.application.name)" }
    return byApplication.keys.sorted().compactMap { key in
      guard let pools = byApplication[key], pools.count > 1, let first = pools.first else { return nil }
      let sizes = pools.map { pool in
        "\(pool.role.isEmpty ? "main" : pool.role) \(pool.maximum.count.map(String.init) ?? "?")"
      }
      let sum = pools.reduce(0) { $0 + ($1.maximum.count ?? 0) }
      let isKnown = pools.allSatisfy { $0.maximum.count != nil }
      return Finding(
        rule, at: first.application.place,
        """
        \(first.application.name) has \(pools.count) pools in each process: \(sizes.joined(separator: ", ")); together \
        \(isKnown ? "" : "at least ")\(sum) connections
        """,
        related: pools.map { Finding.Related($0.place, $0.name) })
    }
  }
}

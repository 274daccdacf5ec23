import Configuration
import Ecosystems

/// State of a session where a session has no connection of its own.
struct SessionState: AuditCheck {
  let rule = AuditRule(
    "session-state", "Nothing is set for a session in transaction mode", .warning,
    why: """
      In transaction mode what one client sets with SET stays on the server connection, and the next client has it: a statement_timeout of \
      77 ms set once was seen by three of three others (measured, PgBouncer 1.18). options= in an address is refused as an unsupported \
      startup parameter, or dropped without a word when ignore_startup_parameters names it.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    let pools = landscape.pools.flatMap { pool -> [Finding] in
      guard let pooler = landscape.pooler(of: pool), pooler.mode(for: pool) != "session" else { return [] }
      return options(pool, pooler, landscape) + initial(pool, pooler, landscape)
    }
    return pools + landscape.pgBouncers.compactMap { resetAlways($0, landscape) }
  }

  private func options(_ pool: PoolUse, _ pooler: PoolerUse, _ landscape: Landscape) -> [Finding] {
    let inAddress = (pool.address?.options ?? []).filter { $0.name == "options" }
    let inEnvironment = pool.application.settings.filter { $0.name == "PGOPTIONS" }
    let isIgnored = pooler.setting("ignore_startup_parameters")?.text.contains("options") ?? false
    return (inAddress + inEnvironment).filter { !$0.text.isEmpty }.map { written in
      let what = "\(written.name)=\(written.text)"
      let fate =
        isIgnored
        ? "ignores it (ignore_startup_parameters): it is never in force"
        : "refuses the connection (unsupported startup parameter: options)"
      let fix = inEnvironment.contains(written) ? landscape.removal(written) : nil
      return Finding(
        rule, isIgnored ? .warning : .critical, at: written.place, "\(pool.name): \(what), and \(pooler.name) \(fate)",
        fix: fix)
    }
  }

  /// `connection-init-sql` and its like.
  private func initial(_ pool: PoolUse, _ pooler: PoolerUse, _ landscape: Landscape) -> [Finding] {
    pool.application.settings.filter { written in
      SettingName.words(written.name).joined().hasSuffix("CONNECTIONINITSQL")
        && written.text.lowercased().contains("set ")
    }.map { written in
      Finding(
        rule, at: written.place,
        """
        \(pool.name): \(written.name) sets something once for each client connection; through \(pooler.name) in \
        \(pooler.mode(for: pool)) mode it lands on whichever server connection is free, and stays there for others
        """, fix: landscape.removal(written))
    }
  }

  private func resetAlways(_ pooler: PoolerUse, _ landscape: Landscape) -> Finding? {
    guard pooler.mode.value != "session", let written = pooler.setting("server_reset_query_always"),
      ["1", "yes", "on", "true"].contains(written.text.lowercased())
    else { return nil }
    return Finding(
      rule, .note, at: written.place,
      """
      \(pooler.name): server_reset_query_always runs the reset query after every transaction; it hides that a client keeps state in \
      \(pooler.mode.value) mode, and costs a round trip each time
      """, fix: landscape.fix(written, to: "0"))
  }
}

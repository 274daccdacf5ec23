import Configuration

/// What stands in files and is not what runs.
package enum LiveDrift {
  /// Values are compared as they are written: where a file says `1h` and the server `3600s`, nothing is said.
  package static func findings(
    servers: [Server], live: Server?, poolers: [Pooler] = [], livePooler: Pooler? = nil
  ) -> [Finding] {
    var findings: [Finding] = []
    if let live, servers.count == 1 {
      findings += differences(servers[0].settings, live.settings, of: "the server", serverParameters) {
        $0 == "max_connections" ? "a restart is due, or another file counts" : "a reload or a restart is due"
      }
    }
    if let livePooler, poolers.count == 1 {
      findings += differences(poolers[0].settings, livePooler.settings, of: "PgBouncer", nil) { _ in
        "a RELOAD is due, or it failed, which PgBouncer tells only its log"
      }
    }
    return findings
  }

  private static func differences(
    _ written: [Written], _ live: [Written], of whom: String, _ names: Set<String>?, why: (String) -> String
  ) -> [Finding] {
    var last: [String: Written] = [:]
    for setting in written where names?.contains(setting.name) ?? true { last[setting.name] = setting }
    return last.values.sorted { $0.place < $1.place }.compactMap { setting in
      guard let running = live.last(where: { $0.name == setting.name }), isComparable(setting, running),
        running.text != setting.text
      else { return nil }
      return Finding(
        .notInForce, at: setting.place,
        "\(setting.name) is \(setting.text) here, and \(whom) runs with \(running.text): \(why(setting.name))",
        related: [.init(running.place, "\(setting.name) = \(running.text)")])
    }
  }

  /// Whole numbers and words; quantities with units are written in many ways.
  private static func isComparable(_ written: Written, _ running: Written) -> Bool {
    guard written.placeholders.isEmpty, !written.isSecret, !running.text.isEmpty else { return false }
    if Int(running.text) != nil { return Int(written.text) != nil }
    return running.text.allSatisfy { $0.isLetter || $0 == "-" || $0 == "_" } && Int(written.text) == nil
  }

  /// Counts of slots: plain numbers in the file and in the server.
  private static let serverParameters: Set<String> = [
    "max_connections", "superuser_reserved_connections", "reserved_connections", "max_wal_senders",
    "max_prepared_transactions",
  ]
}

extension AuditRule {
  package static let notInForce = AuditRule(
    "not-in-force", "What files say is in force", .warning,
    why: """
      Whoever reads the file plans with a value that does not hold. PostgreSQL takes max_connections only at a start, \
      and PgBouncer answers RELOAD the same whether it took the file or fell back to its defaults at the first bad line \
      (pgbouncer issue 1482).
      """)
}

import Configuration

/// A setting of Oracle's driver.
struct OracleGetMode: AuditCheck {
  let rule = AuditRule(
    "oracle-getmode", "No settings of another database's driver", .warning,
    why: """
      POOL_GETMODE_WAIT, wait_timeout and max_lifetime_session are python-oracledb's (pool_params.pyx). No pool for PostgreSQL has a get \
      mode: psycopg2's fails at once when it is used up, whatever is written, and the others wait up to their acquire timeout.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    var seen: Set<Place> = []
    return landscape.applications.flatMap { application in
      application.settings.filter(isOracle).compactMap { written in
        guard seen.insert(written.place).inserted else { return nil }
        return Finding(
          rule, at: written.place,
          "\(written.name)=\(written.text) is of python-oracledb, Oracle's driver: no pool for PostgreSQL has it",
          fix: landscape.removal(written))
      }
    }
  }

  private func isOracle(_ written: Configuration.Written) -> Bool {
    if written.isSecret { return false }
    return written.text.contains("POOL_GETMODE") || SettingName(written.name)?.word == .other(.getMode)
  }
}

import Configuration
import Ecosystems
import Model

/// A setting that the pool, or its version, does not have.
struct UnknownSetting: AuditCheck {
  let rule = AuditRule(
    "unknown-setting", "The pool knows every setting that is written for it", .warning,
    why: """
      What a pool does not know has no effect, and nobody says so: asyncpg has no maximum age, psycopg2's pool no timeout, Prisma from 7 \
      reads no pool parameters from the address. PgBouncer is worse: at RELOAD a line that it does not know and all lines after it fall \
      back to defaults, while the answer is RELOAD (measured, 1.18; pgbouncer/pgbouncer issue 1482).
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.flatMap { absent($0, landscape) + strangers($0, landscape) + misspelt($0, landscape) }
      + landscape.applications.flatMap { misspelt($0, landscape) } + landscape.poolers.flatMap { keys($0, landscape) }
  }

  private func absent(_ pool: PoolUse, _ landscape: Landscape) -> [Finding] {
    guard let ecosystem = pool.ecosystem else { return [] }
    return pool.settings.keys.sorted().compactMap { key in
      guard let setting = pool.settings[key], case .absent(let nearest) = setting.meaning else { return nil }
      return Finding(
        rule, at: setting.written.place,
        "\(pool.name): \(ecosystem.title) has no \(key.rawValue), so \(setting.said) does nothing by itself; nearest: \(nearest)",
        fix: isParameter(setting.written, pool) ? nil : landscape.removal(setting.written))
    }
  }

  private func isParameter(_ written: Configuration.Written, _ pool: PoolUse) -> Bool {
    pool.address?.options.contains(written) ?? false
  }

  /// Names that look like pool settings and are not.
  private func strangers(_ pool: PoolUse, _ landscape: Landscape) -> [Finding] {
    guard let ecosystem = pool.ecosystem else { return [] }
    var found: [Finding] = []
    if let written = pool.words[.statementLifetime], let what = ecosystem.strangers[PoolWord.statementLifetime.rawValue]
    {
      found.append(
        Finding(
          rule, at: written.place,
          "\(pool.name): \(written.name)=\(written.text) is \(what); \(ecosystem.title) has no maximum age of connections"
        ))
    }
    let ofOthers = ["connection_limit", "pool_timeout"]
    for option in pool.address?.options ?? [] where ofOthers.contains(option.name) {
      guard let what = ecosystem.strangers[option.name] else { continue }
      found.append(
        Finding(rule, at: option.place, "\(pool.name): \(option.name) has no effect in \(ecosystem.title): \(what)"))
    }
    return found
  }

  /// Parameters of an address that come near one of the pool's.
  private func misspelt(_ pool: PoolUse, _ landscape: Landscape) -> [Finding] {
    guard let ecosystem = pool.ecosystem, ecosystem.form == .url, let address = pool.address else { return [] }
    let names = ecosystem.names + Array(ecosystem.strangers.keys)
    return address.options.compactMap { option in
      guard !names.contains(option.name), let near = close(to: option.name, in: ecosystem.names) else { return nil }
      return Finding(
        rule, at: option.place, "\(pool.name): \(ecosystem.title) has no \(option.name): \(near) was probably meant",
        fix: landscape.parameter(near, option.text, address))
    }
  }

  /// Variables that come near one that every pool has.
  private func misspelt(_ application: ApplicationUse, _ landscape: Landscape) -> [Finding] {
    application.settings.compactMap { written in
      guard !written.isSecret, SettingName(written.name) == nil else { return nil }
      let words = SettingName.words(written.name)
      guard words.count > 2, SettingName.anchors.contains(words[0]), words[1] == "POOL" || words[1] == "MAX" else {
        return nil
      }
      let rest = words.dropFirst().joined()
      guard let near = close(to: rest, in: Self.spellings), let name = Self.spelt(near, like: written.name, words[0])
      else { return nil }
      let line = landscape.fix(
        Configuration.Written(name, written.text, at: written.place), to: written.text)
      return Finding(
        rule, .note, at: written.place,
        "\(application.name): \(written.name) is no name that pools' settings have; \(name) comes near it", fix: line)
    }
  }

  private func close(to word: String, in known: [String]) -> String? {
    known.map { ($0, distance: editDistance(word, $0)) }.filter { $0.distance <= 2 && word.count > $0.distance * 4 }
      .min { ($0.distance, $0.0) < ($1.distance, $1.0) }?.0
  }

  /// Common names, with their separators.
  private static let common = [
    "POOL_MAX", "POOL_MIN", "POOL_SIZE", "POOL_MAX_SIZE", "POOL_MIN_SIZE", "POOL_TIMEOUT", "POOL_RECYCLE",
    "POOL_ACQUIRE_TIMEOUT", "POOL_IDLE_TIMEOUT", "POOL_MAX_LIFETIME", "MAX_CONNECTIONS", "MAX_OVERFLOW",
    "MAX_LIFETIME", "MAX_POOL_SIZE",
  ]
  private static let spellings = common.map { SettingName.words($0).joined() }

  private static func spelt(_ near: String, like name: String, _ anchor: String) -> String? {
    guard name.contains("_"), name.allSatisfy({ !$0.isLowercase }),
      let index = spellings.firstIndex(of: near)
    else { return nil }
    return "\(anchor)_\(common[index])"
  }

  /// What PgBouncer of this version does not know.
  private func keys(_ pooler: PoolerUse, _ landscape: Landscape) -> [Finding] {
    guard pooler.pooler.software == .pgBouncer else { return [] }
    return pooler.pooler.settings.compactMap { written in
      let since = PgBouncerKeys.since[written.name]
      if let since, let version = pooler.version?.value, version.lexicographicallyPrecedes(since) {
        let dotted = { (version: [Int]) in version.map(String.init).joined(separator: ".") }
        return Finding(
          rule, .critical, at: written.place,
          """
          \(pooler.name): \(written.name) exists from PgBouncer \(dotted(since)), and \(dotted(version)) runs here: the line and all after \
          it fall back to defaults
          """, fix: landscape.removal(written))
      }
      guard since == nil, !PgBouncerKeys.always.contains(written.name) else { return nil }
      guard let near = close(to: written.name, in: PgBouncerKeys.all) else { return nil }
      return Finding(
        rule, at: written.place,
        "\(pooler.name): PgBouncer has no \(written.name): \(near) was probably meant",
        fix: Finding.Fix("\(near) = \(written.text)", at: written.place, setting: near, value: written.text))
    }
  }
}

/// PgBouncer's settings. Source: PgBouncer 1.25, `doc/config.md`, and `SHOW CONFIG` of 1.18.0.
enum PgBouncerKeys {
  /// The first version that has it, where that is not an old one.
  static let since: [String: [Int]] = [
    "max_prepared_statements": [1, 21], "transaction_timeout": [1, 25],
  ]

  static let always: Set<String> = [
    "admin_users", "cancel_wait_timeout", "client_tls13_ciphers", "server_tls13_ciphers", "max_db_client_connections",
    "max_user_client_connections", "scram_iterations", "query_wait_notify", "application_name_add_host", "auth_file",
    "auth_hba_file", "auth_query", "auth_type", "auth_user",
    "autodb_idle_timeout", "auth_dbname", "client_idle_timeout", "client_login_timeout", "client_tls_ca_file",
    "client_tls_cert_file", "client_tls_ciphers", "client_tls_dheparams", "client_tls_ecdhcurve", "client_tls_key_file",
    "client_tls_protocols", "client_tls_sslmode", "conffile", "default_pool_size", "disable_pqexec", "dns_max_ttl",
    "dns_nxdomain_ttl", "dns_zone_check_period", "idle_transaction_timeout", "ignore_startup_parameters", "job_name",
    "listen_addr", "listen_backlog", "listen_port", "log_connections", "log_disconnections", "log_pooler_errors",
    "log_stats", "logfile", "max_client_conn", "max_db_connections", "max_packet_size", "max_user_connections",
    "min_pool_size", "peer_id", "pidfile", "pkt_buf", "pool_mode", "query_timeout", "query_wait_timeout",
    "reserve_pool_size", "reserve_pool_timeout", "resolv_conf", "sbuf_loopcnt", "server_check_delay",
    "server_check_query", "server_connect_timeout", "server_fast_close", "server_idle_timeout", "server_lifetime",
    "server_login_retry", "server_reset_query", "server_reset_query_always", "server_round_robin",
    "server_tls_ca_file", "server_tls_cert_file", "server_tls_ciphers", "server_tls_key_file", "server_tls_protocols",
    "server_tls_sslmode", "service_name", "so_reuseport", "stats_period", "stats_users", "suspend_timeout", "syslog",
    "syslog_facility", "syslog_ident", "tcp_defer_accept", "tcp_keepalive", "tcp_keepcnt", "tcp_keepidle",
    "tcp_keepintvl", "tcp_socket_buffer", "tcp_user_timeout", "track_extra_parameters", "unix_socket_dir",
    "unix_socket_group", "unix_socket_mode", "user", "verbose",
  ]

  static let all = always.sorted() + since.keys.sorted()
}

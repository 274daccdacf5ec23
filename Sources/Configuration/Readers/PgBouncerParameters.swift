/// What PgBouncer knows in its configuration file, since which version, and what it takes for a value.
///
/// Sources: `src/main.c` and `src/loader.c` of the tags pgbouncer_1_8 to pgbouncer_1_25_0.
package enum PgBouncerParameters {
  /// 1.18 is (1, 18).
  struct Release: Hashable, Comparable, Sendable {
    var major: Int
    var minor: Int
    static func < (left: Release, right: Release) -> Bool {
      (left.major, left.minor) < (right.major, right.minor)
    }
  }

  enum Kind: Hashable, Sendable {
    /// A C number: decimal, 0x..., or octal with a leading 0.
    case integer
    case unsigned
    /// Seconds, also `0.5`; not negative.
    case seconds
    case text
    /// Without regard to case.
    case word([String])
    /// A name of a database other than `pgbouncer`.
    case database
    /// What `atoi` makes of it: never refused.
    case leadingInteger
    /// `atoi`, and 0 is refused.
    case port
  }

  struct Parameter: Sendable {
    var kind: Kind
    /// The minor version of 1.x that brought it; 0 for before 1.8.
    var since = 0
  }

  private static let sslModes = Kind.word(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])
  private static let poolModes = Kind.word(["session", "transaction", "statement"])

  /// The version that brought a parameter of `[pgbouncer]`: `[1, 21]`; nil for what is old or not known at all.
  package static func firstVersion(of name: String) -> [Int]? {
    main[name].flatMap { $0.since > 0 ? [1, $0.since] : nil }
  }

  /// `[pgbouncer]`.
  static let main: [String: Parameter] = {
    var known: [String: Parameter] = [:]
    func add(_ kind: Kind, since: Int = 0, _ names: String) {
      for name in names.split(separator: " ") { known[String(name)] = Parameter(kind: kind, since: since) }
    }
    add(
      .integer,
      """
      application_name_add_host default_pool_size disable_pqexec listen_backlog listen_port log_connections \
      log_disconnections log_pooler_errors max_client_conn max_db_connections max_user_connections min_pool_size pkt_buf \
      reserve_pool_size sbuf_loopcnt server_reset_query_always server_round_robin stats_period syslog \
      tcp_defer_accept tcp_keepalive tcp_keepcnt tcp_keepidle tcp_keepintvl tcp_socket_buffer unix_socket_mode verbose
      """)
    add(.integer, since: 9, "server_fast_close")
    add(.integer, since: 11, "log_stats")
    add(.integer, since: 12, "so_reuseport")
    add(.integer, since: 13, "tcp_user_timeout")
    add(.integer, since: 19, "peer_id")
    add(.integer, since: 21, "max_prepared_statements")
    add(.integer, since: 24, "max_db_client_connections max_user_client_connections")
    add(.integer, since: 25, "query_wait_notify scram_iterations")
    add(.unsigned, "max_packet_size")
    add(
      .seconds,
      """
      autodb_idle_timeout client_idle_timeout client_login_timeout dns_max_ttl dns_nxdomain_ttl dns_zone_check_period \
      idle_transaction_timeout query_timeout query_wait_timeout reserve_pool_timeout server_check_delay \
      server_connect_timeout server_idle_timeout server_lifetime server_login_retry suspend_timeout
      """)
    add(.seconds, since: 19, "cancel_wait_timeout")
    add(.seconds, since: 25, "transaction_timeout")
    add(.seconds, since: 26, "pool_idle_timeout")
    add(
      .text,
      """
      admin_users auth_file auth_hba_file auth_query auth_user client_tls_ca_file client_tls_cert_file \
      client_tls_ciphers client_tls_dheparams client_tls_ecdhcurve client_tls_key_file client_tls_protocols conffile \
      ignore_startup_parameters job_name listen_addr logfile pidfile server_check_query server_reset_query \
      server_tls_ca_file server_tls_cert_file server_tls_ciphers server_tls_key_file server_tls_protocols stats_users \
      syslog_facility syslog_ident unix_socket_dir unix_socket_group user
      """)
    add(.text, since: 12, "resolv_conf")
    add(.text, since: 20, "track_extra_parameters")
    add(.text, since: 23, "auth_ident_file")
    add(.text, since: 25, "auth_ldap_options client_tls13_ciphers server_tls13_ciphers")
    add(.text, since: 26, "login_notify_message")
    add(.database, since: 19, "auth_dbname")
    add(.word(["any", "trust", "plain", "md5", "cert", "hba", "ldap", "pam", "scram-sha-256"]), "auth_type")
    add(poolModes, "pool_mode")
    add(sslModes, "client_tls_sslmode server_tls_sslmode")
    return known
  }()

  /// A line of `[databases]`.
  static let database: [String: Parameter] = {
    var known: [String: Parameter] = [:]
    for name in [
      "dbname", "host", "user", "password", "auth_user", "client_encoding", "datestyle", "timezone", "connect_query",
      "application_name",
    ] { known[name] = Parameter(kind: .text) }
    known["port"] = Parameter(kind: .port)
    for name in ["pool_size", "min_pool_size", "reserve_pool", "max_db_connections"] {
      known[name] = Parameter(kind: .leadingInteger)
    }
    known["pool_mode"] = Parameter(kind: poolModes)
    known["auth_dbname"] = Parameter(kind: .text, since: 19)
    known["auth_query"] = Parameter(kind: .text, since: 22)
    known["server_lifetime"] = Parameter(kind: .leadingInteger, since: 23)
    known["reserve_pool_size"] = Parameter(kind: .leadingInteger, since: 24)
    known["max_db_client_connections"] = Parameter(kind: .leadingInteger, since: 24)
    known["load_balance_hosts"] = Parameter(kind: .word(["disable", "round-robin"]), since: 24)
    known["query_wait_timeout"] = Parameter(kind: .leadingInteger, since: 26)
    return known
  }()

  /// A line of `[users]`.
  static let user: [String: Parameter] = [
    "pool_mode": Parameter(kind: poolModes),
    "max_user_connections": Parameter(kind: .leadingInteger),
    "pool_size": Parameter(kind: .leadingInteger, since: 23),
    "reserve_pool_size": Parameter(kind: .leadingInteger, since: 24),
    "idle_transaction_timeout": Parameter(kind: .leadingInteger, since: 24),
    "query_timeout": Parameter(kind: .leadingInteger, since: 24),
    "client_idle_timeout": Parameter(kind: .leadingInteger, since: 24),
    "max_user_client_connections": Parameter(kind: .leadingInteger, since: 24),
    "transaction_timeout": Parameter(kind: .leadingInteger, since: 25),
    "query_wait_timeout": Parameter(kind: .leadingInteger, since: 26),
  ]

  /// A line of `[peers]`.
  static let peer: [String: Parameter] = [
    "host": Parameter(kind: .text, since: 19), "port": Parameter(kind: .port, since: 19),
    "pool_size": Parameter(kind: .leadingInteger, since: 19),
  ]
}

extension PgBouncerParameters.Kind {
  /// Why PgBouncer refuses a value; nil when it takes it.
  func refusal(of value: ArraySlice<UInt8>) -> String? {
    switch self {
    case .text, .leadingInteger: return nil
    case .integer, .unsigned: return CNumber.isInteger(value) ? nil : "is no whole number"
    case .seconds:
      return CNumber.isSeconds(value) ? nil : "is no number of seconds (a unit such as 's' is not accepted)"
    case .port: return CNumber.leadingInteger(value) == 0 ? "is no port" : nil
    case .database: return value.elementsEqual("pgbouncer".utf8) ? "is PgBouncer's own database" : nil
    case .word(let accepted):
      let word = value.text.lowercasedASCII
      return accepted.contains(word) ? nil : "is none of \(accepted.joined(separator: ", "))"
    }
  }
}

/// What C's number readers accept.
enum CNumber {
  /// `strtol` with base 0 and nothing after it.
  static func isInteger(_ text: ArraySlice<UInt8>) -> Bool {
    var digits = withoutSign(text)
    if digits.first == 48, let x = digits.dropFirst().first, x | 32 == UInt8(ascii: "x") {
      digits = digits.dropFirst(2)
      return !digits.isEmpty && digits.allSatisfy { $0.hexValue != nil }
    }
    let isOctal = digits.first == 48
    return !digits.isEmpty && digits.allSatisfy { isOctal ? (48...55).contains($0) : $0.isDigit }
  }

  /// The value of what `isInteger` accepts, as a C `int`.
  static func integer(_ text: ArraySlice<UInt8>) -> Int? {
    guard isInteger(text) else { return nil }
    let digits = withoutSign(text)
    let isNegative = text.drop { $0.isSpace }.first == .dash
    let isHex = digits.count > 1 && digits.first == 48 && (digits.dropFirst().first ?? 0) | 32 == UInt8(ascii: "x")
    let radix = isHex ? 16 : digits.first == 48 ? 8 : 10
    guard let value = Int((isHex ? digits.dropFirst(2) : digits).text, radix: radix) else { return nil }
    return isNegative ? -value : value
  }

  /// `strtod`, nothing after it, not negative.
  static func isSeconds(_ text: ArraySlice<UInt8>) -> Bool { seconds(text) != nil }

  static func seconds(_ text: ArraySlice<UInt8>) -> Double? {
    let trimmed = text.drop { $0.isSpace }
    guard trimmed.count <= 400, let value = Double(trimmed.text.lowercasedASCII) else { return nil }
    // Too large for a double is refused; the word `inf` is not.
    if value.isInfinite && !trimmed.contains(where: { $0 | 32 == UInt8(ascii: "i") }) { return nil }
    return value >= 0 && !value.isNaN ? value : nil
  }

  /// `atoi`: 0 where no number begins; values beyond an `int` are held at its ends.
  static func leadingInteger(_ text: ArraySlice<UInt8>) -> Int {
    let rest = text.drop { $0.isSpace }
    let isNegative = rest.first == .dash
    var value = 0
    for digit in withoutSign(text).prefix(while: \.isDigit) {
      value = min(value * 10 + Int(digit - 48), Int(Int32.max))
    }
    return isNegative ? -value : value
  }

  private static func withoutSign(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let rest = text.drop { $0.isSpace }
    return rest.first == .dash || rest.first == UInt8(ascii: "+") ? rest.dropFirst() : rest
  }
}

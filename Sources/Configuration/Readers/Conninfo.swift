/// libpq's connection strings: `host=db port=5432 password='it\'s'`.
enum Conninfo {
  /// libpq's keywords (PostgreSQL 17, chapter 34.1.2).
  private static let keywords: Set<String> = [
    "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "require_auth", "channel_binding",
    "connect_timeout", "client_encoding", "options", "application_name", "fallback_application_name", "keepalives",
    "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "replication", "gssencmode",
    "sslmode", "requiressl", "sslnegotiation", "sslcompression", "sslcert", "sslkey", "sslpassword", "sslcertmode",
    "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "requirepeer", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "krbsrvname", "gsslib", "gssdelegation", "service", "target_session_attrs",
    "load_balance_hosts", "authtype", "tty",
  ]
  /// One of these makes a text an address.
  private static let telling: Set<String> = ["host", "hostaddr", "dbname", "service", "port"]

  static func isKeyword(_ key: String) -> Bool { keywords.contains(key) }

  /// nil when the text is no connection string at all.
  static func read(
    _ text: ArraySlice<UInt8>, name: String, at place: Place, _ placeholders: [String]
  ) -> ConnectionString.Reading? {
    guard let first = text.first, first.isLetter, text.contains(.equals) else { return nil }
    let (pairs, fault) = pairs(text)
    guard pairs.contains(where: { telling.contains($0.key) }) else { return nil }
    var reading = ConnectionString.Reading()
    func refuse(_ why: String) -> ConnectionString.Reading {
      reading.remarks = [.init(.notice, "the connection string\(of(name)) cannot be read: \(why)", at: place)]
      return reading
    }
    if let fault { return refuse(fault) }
    var address = DatabaseAddress(name: name, scheme: "conninfo", hosts: [], at: place, placeholders: placeholders)
    var hosts: [String] = []
    var addresses: [String] = []
    var ports: [String] = []
    for (key, value) in pairs {
      switch key {
      case "host": hosts = list(value)
      case "hostaddr": addresses = list(value)
      case "port": ports = list(value)
      default:
        guard isKeyword(key) else { return refuse("libpq has no keyword '\(Redaction.text(key))'") }
        address.take(key, value)
      }
    }
    if let why = address.setHosts(hosts.isEmpty ? addresses : hosts, ports: ports) { return refuse(why) }
    if address.hosts.isEmpty, let port = ports.first, !port.isEmpty { address.take("port", port) }
    reading.address = address
    return reading
  }

  static func list(_ value: String) -> [String] {
    value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  private static func of(_ name: String) -> String { name.isEmpty ? "" : " of \(Redaction.text(name))" }

  /// The pairs up to the first fault, and the fault.
  private static func pairs(_ text: ArraySlice<UInt8>) -> ([(key: String, value: String)], fault: String?) {
    var pairs: [(key: String, value: String)] = []
    var rest = text
    while true {
      rest = rest.drop { $0.isSpace }
      if rest.isEmpty { return (pairs, nil) }
      let key = rest.prefix { $0 != .equals && !$0.isSpace }
      rest = rest.dropFirst(key.count).drop { $0.isSpace }
      guard rest.first == .equals, !key.isEmpty else { return (pairs, "a keyword in it has no '='") }
      rest = rest.dropFirst().drop { $0.isSpace }
      guard let value = value(&rest) else { return (pairs, "a quote in it is not closed") }
      pairs.append((key.text, value))
    }
  }

  private static func value(_ rest: inout ArraySlice<UInt8>) -> String? {
    let isQuoted = rest.first == .quote
    if isQuoted { rest.removeFirst() }
    var value: [UInt8] = []
    while let byte = rest.first {
      if isQuoted ? byte == .quote : byte.isSpace { break }
      rest.removeFirst()
      if byte == .backslash {
        if let escaped = rest.popFirst() { value.append(escaped) }
      } else {
        value.append(byte)
      }
    }
    if isQuoted && rest.popFirst() == nil { return nil }
    return String(decoding: value, as: UTF8.self)
  }
}

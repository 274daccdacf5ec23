/// What the name of a container image says of what runs in it.
struct Image: Hashable {
  enum Role: Hashable {
    case server
    case pgBouncer, pgCat, odyssey
    case other
  }
  var role: Role
  /// The server's major version, where the tag says it.
  var version: String?

  /// - Parameter name: `docker.io/library/postgres:16-alpine@sha256:...`
  init(_ name: String) {
    let withoutDigest = name.split(separator: "@", maxSplits: 1).first ?? ""
    let last = withoutDigest.split(separator: "/").last ?? ""
    let parts = last.split(separator: ":", maxSplits: 1)
    let software = parts.first.map(String.init) ?? ""
    let tag = parts.count > 1 ? String(parts[1]) : ""
    role = Self.role(software)
    version = role == .server ? Self.version(software, tag) : nil
    let path = withoutDigest.prefix { $0 != ":" }
    pgBouncer = Self.numberedByPgBouncer.contains { path == $0 || path.hasSuffix("/" + $0) } ? Self.numbers(tag) : nil
  }

  /// PgBouncer's version, where the tag says it.
  private(set) var pgBouncer: [Int]?

  /// Images whose tag is PgBouncer's version; others number their own building.
  private static let numberedByPgBouncer = [
    "edoburu/pgbouncer", "bitnami/pgbouncer", "bitnamilegacy/pgbouncer", "pgbouncer/pgbouncer",
    "cloudnative-pg/pgbouncer",
  ]

  /// `v1.21.0-p2` is 1.21.0.
  private static func numbers(_ tag: String) -> [Int]? {
    let text = (tag.hasPrefix("v") ? tag.dropFirst() : tag[...]).prefix { $0 == "." || $0.isASCII && $0.isNumber }
    let numbers = text.split(separator: ".").compactMap { Int($0) }
    return numbers.count > 1 && numbers[0] == 1 ? numbers : nil
  }

  private static func role(_ software: String) -> Role {
    if servers.contains(software) { return .server }
    if software == "pgcat" { return .pgCat }
    if software == "odyssey" { return .odyssey }
    let words = software.split { !$0.isLetter }
    return words.contains("pgbouncer") && !words.contains("exporter") ? .pgBouncer : .other
  }

  private static let servers: Set<String> = [
    "postgres", "postgresql", "postgresql-repmgr", "postgis", "timescaledb", "timescaledb-ha", "pgvector", "citus",
    "cloudnative-pg", "supabase-postgres",
  ]

  /// Images whose tag begins with PostgreSQL's version; others number their own software.
  private static let numberedByServer: Set<String> = [
    "postgres", "postgresql", "postgresql-repmgr", "postgis", "cloudnative-pg",
  ]

  private static func version(_ software: String, _ tag: String) -> String? {
    for part in tag.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "." }) where part.hasPrefix("pg") {
      if let version = major(part.dropFirst(2)) { return version }
    }
    return numberedByServer.contains(software) ? major(tag[...]) : nil
  }

  /// From version 10 on one number, before it two.
  private static func major(_ text: Substring) -> String? {
    let parts = text.prefix { $0 == "." || $0.isASCII && $0.isNumber }.split(separator: ".")
    guard let first = parts.first, let number = Int(first), (7..<100).contains(number) else { return nil }
    if number >= 10 { return String(number) }
    return parts.count > 1 ? "\(number).\(parts[1])" : nil
  }
}

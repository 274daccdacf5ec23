internal import CPlatform
internal import Glibc
import Configuration
import Model
import Postgres

/// Refuses what is listed as production, whatever else is said.
package struct ProductionGuard: Sendable {
  private let list: ProductionList
  /// The file that the list stands in, for errors.
  package static let file = "production.yaml"

  package init(_ list: ProductionList) { self.list = list }

  /// - Parameter target: who leads there, for the error.
  package func check(host: String, port: Int, database: String?, target: String) throws(StagingError) {
    if let database, list.databases.contains(database) { throw refusal(database, target) }
    for listed in list.hosts where Self.isSame(listed, host, port) { throw refusal(listed, target) }
  }

  package func check(_ address: DatabaseAddress, target: String) throws(StagingError) {
    for host in address.hosts {
      try check(host: host.name, port: host.port, database: address.database, target: target)
    }
    if address.hosts.isEmpty, let database = address.database {
      try check(host: "localhost", port: 5432, database: database, target: target)
    }
  }

  package func check(_ info: ConnectionInfo, target: String) throws(StagingError) {
    let hosts = (info["hostaddr"] ?? info["host"] ?? "localhost").split(separator: ",").map(String.init)
    let ports = (info["port"] ?? "5432").split(separator: ",").map { Int($0) ?? 5432 }
    for (index, host) in hosts.enumerated() {
      let port = ports.count == 1 ? ports[0] : (ports.indices.contains(index) ? ports[index] : 5432)
      try check(host: host, port: port, database: info["dbname"], target: target)
    }
  }

  /// What the server itself says that it is: a tunnel or another name cannot hide it.
  package func check(_ session: Session, target: String) throws(StagingError) {
    guard !list.isEmpty else { return }
    try check(session.info, target: target)
    let rows = try forStaging(target) { () throws(PostgresError) in
      try session.query(
        "SELECT current_database() AS name, host(inet_server_addr()) AS address, inet_server_port() AS port")
    }
    try check(
      host: rows[0, "address"] ?? "localhost", port: rows[0, "port"].flatMap(Int.init) ?? 5432,
      database: rows[0, "name"], target: target)
    guard !list.systemIdentifiers.isEmpty else { return }
    let identifier = try Self.identifier(session, target: target)
    if list.systemIdentifiers.contains(identifier) { throw refusal("system identifier \(identifier)", target) }
  }

  /// The same for a server and its replicas, from when it was made until it is gone.
  package static func identifier(_ session: Session, target: String) throws(StagingError) -> String {
    do throws(PostgresError) {
      return try session.query("SELECT system_identifier FROM pg_control_system()").scalar ?? ""
    } catch {
      guard error.sqlState == "42501" else { throw StagingError(error, target: target) }
      throw StagingError(
        .missingRight, target: target, setting: "what the server is",
        wanted:
          "as a superuser: GRANT EXECUTE ON FUNCTION pg_control_system() TO \(session.info["user"] ?? "the role");",
        found: session.info["user"])
    }
  }

  private func refusal(_ found: String, _ target: String) -> StagingError {
    StagingError(.production, target: target, found: found, path: Self.file)
  }

  /// `db.example`, `10.0.0.5`, `10.0.0.5:6432`, `[::1]:5432`: the same name, or names that lead to the same address.
  private static func isSame(_ listed: String, _ host: String, _ port: Int) -> Bool {
    let (name, listedPort) = split(listed)
    if let listedPort, listedPort != port { return false }
    if name.lowercased() == host.lowercased() { return true }
    if host.hasPrefix("/") || name.hasPrefix("/") { return false }
    return !Set(addresses(of: name)).isDisjoint(with: addresses(of: host))
  }

  private static func split(_ text: String) -> (name: String, port: Int?) {
    if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
      let name = text[text.index(after: text.startIndex)..<close]
      return (String(name), Int(text[close...].dropFirst(2)))
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let port = Int(parts[1]) else { return (text, nil) }
    return (String(parts[0]), port)
  }

  /// The numeric addresses of a name; empty when it is not known here.
  private static func addresses(of name: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var found: [String] = []
    var next = list
    while let entry = next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let length = socklen_t(text.count)
      if getnameinfo(entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 {
        found.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      next = entry.pointee.ai_next
    }
    return found
  }
}

/// `postgresql://user:password@host:port,host/database?options`, as libpq, JDBC and R2DBC write it.
///
/// Where a password that is not encoded holds `@` or `/`, programs disagree; the last `@` ends it here, and it is said.
struct URLReader {
  private let name: String
  private let place: Place
  private let scheme: String
  /// After `://`, or after `jdbc:postgresql:`.
  private let rest: ArraySlice<UInt8>
  private let isJava: Bool
  private var remarks: [ConfigurationFile.Remark] = []

  private static let schemes: Set<String> = ["postgres", "postgresql", "postgis", "psql", "pgsql"]

  /// nil when the text does not begin as a database URL.
  init?(_ text: ArraySlice<UInt8>, name: String, at place: Place) {
    let head = text.prefix { $0.isLetter || $0.isDigit || $0 == .colon || $0 == .dash || $0 == UInt8(ascii: "+") }
    guard head.count <= 100, head.contains(.colon) else { return nil }
    self.name = name
    self.place = place
    let words = head.split(separator: .colon, omittingEmptySubsequences: false).map { $0.text.lowercasedASCII }
    if ["jdbc", "r2dbc"].contains(words[0]), let index = words.firstIndex(of: "postgresql"), index < words.count - 1 {
      scheme = words[0] + ":postgresql"
      isJava = words[0] == "jdbc"
      let skipped = words[...index].reduce(0) { $0 + $1.utf8.count + 1 }
      let after = text.dropFirst(skipped)
      guard isJava || after.starts(with: "//".utf8) else { return nil }
      rest = isJava ? after : after.dropFirst(2)
      return
    }
    isJava = false
    let parts = words[0].split(separator: "+", maxSplits: 1).map(String.init)
    guard let base = parts.first, text.dropFirst(words[0].utf8.count).starts(with: "://".utf8) else { return nil }
    if words[0] == "prisma+postgres" || words[0] == "prisma" {
      scheme = words[0]
      rest = []
      return
    }
    guard Self.schemes.contains(base) else { return nil }
    scheme = (["postgres": "postgresql"][base] ?? base) + (parts.count > 1 ? "+" + parts[1] : "")
    rest = text.dropFirst(words[0].utf8.count + 3)
  }

  consuming func read(_ placeholders: [String]) -> ConnectionString.Reading {
    guard !scheme.hasPrefix("prisma") else {
      return refuse("\(scheme):// is the address of Prisma's own service: which database it stands for is not in it")
    }
    var address = DatabaseAddress(name: name, scheme: scheme, hosts: [], at: place, placeholders: placeholders)
    let fault = isJava ? readJava(&address) : readAuthority(&address, rest)
    if let fault {
      return refuse("the URL\(name.isEmpty ? "" : " of \(Redaction.text(name))") cannot be read: \(fault)")
    }
    return ConnectionString.Reading(address: address, remarks: remarks)
  }

  private consuming func refuse(_ text: String) -> ConnectionString.Reading {
    remarks.append(.init(.notice, text, at: place))
    return ConnectionString.Reading(address: nil, remarks: remarks)
  }

  /// `//hosts/database?query`, `/database`, `database`: without `//` the server is the machine itself.
  private mutating func readJava(_ address: inout DatabaseAddress) -> String? {
    if rest.starts(with: [.slash, .slash]) { return readAuthority(&address, rest.dropFirst(2)) }
    let path = rest.first == .slash ? rest.dropFirst() : rest
    return readPath(&address, path)
  }

  private mutating func readAuthority(_ address: inout DatabaseAddress, _ text: ArraySlice<UInt8>) -> String? {
    var text = text
    if let end = Redaction.userInformationEnd(text) {
      if let fault = readUser(&address, text[..<end]) { return fault }
      text = text[(end + 1)...]
    }
    let end = ConnectionString.firstIndex(in: text) { $0 == .slash || $0 == .question } ?? text.endIndex
    if let fault = readHosts(&address, text[..<end]) { return fault }
    if end == text.endIndex { return nil }
    return readPath(&address, text[end] == .slash ? text[(end + 1)...] : text[end...])
  }

  private mutating func readUser(_ address: inout DatabaseAddress, _ text: ArraySlice<UInt8>) -> String? {
    let colon = ConnectionString.firstIndex(in: text) { $0 == .colon }
    guard let user = decoded(text[..<(colon ?? text.endIndex)]) else { return "a '%' in its user is no encoding" }
    address.user = user.isEmpty ? nil : user
    guard let colon else { return nil }
    let password = text[(colon + 1)...]
    address.hasPassword = !password.isEmpty
    if ConnectionString.firstIndex(in: password, where: { $0 == .at || $0 == .slash || $0 == .question }) != nil {
      let text =
        "the password in it has '@', '/' or '?', which some programs read as the end of it: encode them (%40, %2F, %3F)"
      remarks.append(.init(.notice, text, at: place))
    }
    return decoded(password) == nil ? "a '%' in its password is no encoding" : nil
  }

  private func readHosts(_ address: inout DatabaseAddress, _ text: ArraySlice<UInt8>) -> String? {
    var names: [String] = []
    var ports: [String] = []
    for piece in ConnectionString.pieces(text, at: .comma).prefix(100) {
      var rest = piece
      if rest.first == .openBracket {
        guard let close = rest.firstIndex(of: .closeBracket) else { return "the '[' of an IPv6 address is not closed" }
        names.append(rest[(rest.startIndex + 1)..<close].text)
        rest = rest[(close + 1)...]
        if names.last == "" { return "an IPv6 address in it is empty" }
        if !rest.isEmpty && rest.first != .colon {
          return "after the ']' of an IPv6 address stands neither ':' nor '/'"
        }
      } else {
        let colon = ConnectionString.firstIndex(in: rest) { $0 == .colon } ?? rest.endIndex
        guard let name = decoded(rest[..<colon]) else { return "a '%' in its host is no encoding" }
        names.append(isJava && name.isEmpty ? "localhost" : name)
        rest = rest[colon...]
      }
      guard let port = decoded(rest.dropFirst()) else { return "a '%' in its port is no encoding" }
      ports.append(port)
    }
    return address.setHosts(names, ports: ports)
  }

  private func readPath(_ address: inout DatabaseAddress, _ text: ArraySlice<UInt8>) -> String? {
    let question = ConnectionString.firstIndex(in: text) { $0 == .question } ?? text.endIndex
    guard let database = decoded(text[..<question]) else { return "a '%' in its database is no encoding" }
    address.database = database.isEmpty ? nil : database
    if isJava && address.hosts.isEmpty { address.hosts = [.init("localhost")] }
    guard question < text.endIndex else { return nil }
    return readQuery(&address, text[(question + 1)...])
  }

  private func readQuery(_ address: inout DatabaseAddress, _ text: ArraySlice<UInt8>) -> String? {
    var hosts: [String]?
    var ports: [String]?
    for pair in ConnectionString.pieces(text, at: .ampersand).prefix(200) where !pair.isEmpty {
      let equals = pair.firstIndex(of: .equals) ?? pair.endIndex
      guard let key = decoded(pair[..<equals]), let value = decoded(pair[equals...].dropFirst()) else {
        return "a '%' in its query is no encoding"
      }
      switch key {
      case "host" where !isJava, "hostaddr" where !isJava: hosts = Conninfo.list(value)
      case "port" where !isJava: ports = Conninfo.list(value)
      case "dbname" where isJava, "database" where isJava:
        address.options.append(Redaction.written(key, value, at: place))
      default: address.take(key, value)
      }
    }
    guard hosts != nil || ports != nil else { return nil }
    let before = address.hosts
    return address.setHosts(
      hosts ?? before.map(\.name), ports: ports ?? (hosts == nil ? before.map { "\($0.port)" } : []))
  }

  /// nil when a `%` is not followed by two hexadecimal digits, or stands for NUL. Placeholders stay as they are.
  private func decoded(_ text: ArraySlice<UInt8>) -> String? {
    guard text.contains(.percent), !ConnectionString.hasPlaceholder(text) else { return text.text }
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == .percent else { bytes.append(byte); continue }
      guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue, high + low > 0 else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  var lowercasedASCII: String { String(decoding: utf8.map(\.lowered), as: UTF8.self) }
}

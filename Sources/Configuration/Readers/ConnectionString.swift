/// Database addresses: URLs, JDBC URLs and libpq's `host=... dbname=...`.
package enum ConnectionString {
  package struct Reading: Hashable, Sendable {
    /// nil when the text means to be an address and is none.
    package var address: DatabaseAddress?
    package var remarks: [ConfigurationFile.Remark] = []
  }

  /// Longer texts are no addresses.
  private static let longest = 4 << 10

  /// The address that a setting's value is; nil when it is none, or one of something else than PostgreSQL.
  ///
  /// - Parameters:
  ///   - text: as written, passwords included; they do not leave this function.
  ///   - name: of the setting; empty for a bare one.
  ///   - placeholders: that nothing gave a value and that stand in the text.
  package static func read(
    _ text: String, name: String = "", at place: Place, placeholders: [String] = []
  ) -> Reading? {
    guard text.utf8.count <= longest else { return nil }
    let placeholders = placeholders.isEmpty ? [] : Redaction.visible(placeholders, in: Redaction.text(text))
    let bytes = Array(text.utf8)[...].trimmed
    if let url = URLReader(bytes, name: name, at: place) { return url.read(placeholders) }
    return Conninfo.read(bytes, name: name, at: place, placeholders)
  }

  /// A file that holds one address and nothing else but comments and empty lines.
  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    let text = SourceText(bytes, path: path)
    var file = ConfigurationFile(text, .connection)
    var directives = Directives(path: path)
    var application = Application(.settings, name: path, at: Place(path, line: 1))
    for (index, range) in text.lines.enumerated() {
      let line = text.bytes[range].trimmed
      guard let first = line.first else { continue }
      let place = Place(path, line: index + 1, column: line.startIndex - range.lowerBound + 1)
      if first == .hash {
        directives.comment(line.dropFirst(), line: index + 1, column: place.column ?? 1)
        continue
      }
      directives.statement(line: index + 1)
      guard let reading = read(line.text, at: place), application.addresses.count < 100 else {
        file.fault(
          "this line is no database address: accepted are postgresql://, jdbc:postgresql:// and host=...", at: place)
        continue
      }
      for remark in reading.remarks {
        file.remark(reading.address == nil ? .fault : remark.weight, remark.text, at: remark.place)
      }
      if let address = reading.address { application.addresses.append(address) }
    }
    file.directives = directives.finish()
    if !application.addresses.isEmpty { file.applications = [application] }
    return file
  }

  /// `${NAME}` and `$(NAME)` as one piece: what stands in them cuts nothing.
  static func firstIndex(
    in text: ArraySlice<UInt8>, where isEnd: (UInt8) -> Bool
  ) -> Int? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == .dollar, let end = placeholderEnd(text[index...]) {
        index = end
        continue
      }
      if isEnd(text[index]) { return index }
      index += 1
    }
    return nil
  }

  static func pieces(_ text: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = text
    while let end = firstIndex(in: rest, where: { $0 == separator }) {
      pieces.append(rest[..<end])
      rest = rest[(end + 1)...]
    }
    return pieces + [rest]
  }

  static func hasPlaceholder(_ text: ArraySlice<UInt8>) -> Bool {
    text.contains { $0 == .dollar || $0 == .openBrace }
  }

  private static func placeholderEnd(_ text: ArraySlice<UInt8>) -> Int? {
    let open = text.dropFirst().first
    guard open == .openBrace || open == UInt8(ascii: "(") else { return nil }
    let close: UInt8 = open == .openBrace ? .closeBrace : UInt8(ascii: ")")
    var depth = 0
    for index in text.indices.dropFirst().prefix(200) {
      if text[index] == open { depth += 1 }
      if text[index] == close {
        depth -= 1
        if depth == 0 { return index + 1 }
      }
    }
    return nil
  }
}

extension DatabaseAddress {
  /// Takes over one keyword of a connection string, or one pair of a URL's query.
  mutating func take(_ key: String, _ value: String) {
    switch key {
    case "user": user = value
    case "password", "sslpassword":
      if key == "password" { hasPassword = !value.isEmpty }
      options.append(Written(key, "", at: place, isSecret: true))
    case "dbname", "database": database = value.isEmpty ? nil : value
    default: options.append(Redaction.written(key, value, at: place))
    }
  }

  /// Hosts and ports as libpq pairs them: one port for all, or one for each. Sockets of the machine are no hosts.
  ///
  /// - Returns: a port that is none, or a number of ports that fits no number of hosts, in words.
  mutating func setHosts(_ names: [String], ports: [String]) -> String? {
    guard ports.count <= 1 || ports.count == names.count else {
      return "it has \(names.count) hosts and \(ports.count) ports"
    }
    hosts = []
    for (index, name) in names.enumerated() where !name.isEmpty && !name.hasPrefix("/") && !name.hasPrefix("@") {
      let text = ports.isEmpty ? "" : ports.count == 1 ? ports[0] : ports[index]
      if text.isEmpty || ConnectionString.hasPlaceholder(Array(text.utf8)[...]) {
        hosts.append(Host(name))
      } else if let port = Int(text), (1...65535).contains(port) {
        hosts.append(Host(name, port: port))
      } else {
        return "the port of '\(Redaction.text(name))' is not a number from 1 to 65535"
      }
    }
    return nil
  }
}

internal import CPostgres

/// Where a server is, and as whom to connect: libpq's keywords and values.
///
/// The password lives only in memory; `description` never shows it, and it is passed to libpq as a parameter,
/// so it stands in no process list.
package struct ConnectionInfo: Sendable, Hashable, CustomStringConvertible {
  /// libpq keywords such as `host`, `port`, `user`, `dbname`.
  package var parameters: [String: String]

  package init(_ parameters: [String: String]) { self.parameters = parameters }

  /// Reads a `postgresql://` URL or a `key=value` string. The error is libpq's own, which quotes no value of a password.
  package init(parsing text: String) throws(ConnectionInfoError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      defer { PQfreemem(message) }
      throw ConnectionInfoError(reason: Self.withoutInput(message.map { String(cString: $0) } ?? "out of memory", text))
    }
    defer { PQconninfoFree(options) }
    var parameters: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    self.parameters = parameters
  }

  package subscript(keyword: String) -> String? {
    get { parameters[keyword] }
    set { parameters[keyword] = newValue }
  }

  /// Keywords and values in a fixed order, with secrets replaced by `***`.
  package var description: String {
    parameters.sorted { $0.key < $1.key }
      .map { "\($0.key)=\(Self.secrets.contains($0.key) ? "***" : $0.value)" }
      .joined(separator: " ")
  }

  /// libpq's keywords whose values are secret.
  package static let secrets: Set<String> = ["password", "sslpassword", "passfile"]

  /// libpq quotes the whole input in some messages; the input may hold a password.
  private static func withoutInput(_ message: String, _ input: String) -> String {
    guard let range = message.firstRange(of: input) else { return message.trimmed }
    return message.replacingCharacters(in: range, with: "***").trimmed
  }
}

package struct ConnectionInfoError: Error, Hashable, Sendable {
  /// libpq's reason, without the text it was given.
  package var reason: String
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}

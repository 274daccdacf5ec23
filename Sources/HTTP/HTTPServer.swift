internal import Glibc
internal import Synchronization

/// `http://host:port` or `https://host:port`, taken apart.
package struct HTTPBase: Hashable, Sendable {
  package var isSecure: Bool
  /// Without the brackets of an IPv6 address.
  package var host: String
  package var port: UInt16

  /// - Parameter text: without a path, a user or a password.
  package init(_ text: String) throws(HTTPFault) {
    let isSecure = text.lowercased().hasPrefix("https://")
    guard isSecure || text.lowercased().hasPrefix("http://") else {
      throw .invalid("a base URL begins with http:// or https://")
    }
    let authority = text.dropFirst(isSecure ? 8 : 7)
    if authority.contains("@") { throw .invalid("a base URL has no user and no password") }
    if authority.contains(where: { "/?#".contains($0) }) {
      throw .invalid("a base URL has no path; '\(text)' has one")
    }
    guard let (host, port) = Self.split(authority, defaultPort: isSecure ? 443 : 80) else {
      throw .invalid("'\(text)' is no base URL, such as http://127.0.0.1:8080")
    }
    self.isSecure = isSecure
    self.host = host
    self.port = port
  }

  private static func split(_ authority: Substring, defaultPort: UInt16) -> (String, UInt16)? {
    var host = authority
    var rest = authority[authority.endIndex...]
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<end]
      rest = authority[authority.index(after: end)...]
      if !host.contains(":") { return nil }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      rest = authority[colon...]
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ isTargetByte($0) }) else { return nil }
    if rest.isEmpty { return (String(host), defaultPort) }
    guard rest.first == ":", rest.dropFirst().utf8.allSatisfy(isDigit), let port = UInt16(rest.dropFirst()), port > 0
    else { return nil }
    return (String(host), port)
  }

  private var authorityHost: String { host.contains(":") ? "[\(host)]" : host }

  /// For `Host`: without the port that the scheme implies.
  package var hostHeader: String { port == (isSecure ? 443 : 80) ? authorityHost : "\(authorityHost):\(port)" }

  package var text: String { "\(isSecure ? "https" : "http")://\(authorityHost):\(port)" }
}

/// The addresses of an app that is spoken to without TLS. Shared by all its connections.
package final class HTTPServer: Sendable {
  package let base: HTTPBase
  let addresses: [SocketAddress]
  /// The one that answered last, which is tried first.
  let preferred = Atomic<Int>(0)

  /// Looks the host's name up, which may take a while; once for all connections.
  package init(_ base: HTTPBase) throws(HTTPFault) {
    if base.isSecure { throw .invalid("https:// is not spoken without libcurl") }
    self.base = base
    addresses = try SocketAddress.all(of: base)
  }
}

/// As `connect` takes it.
struct SocketAddress: Hashable, Sendable {
  let family: Int32
  let bytes: [UInt8]

  static func all(of base: HTTPBase) throws(HTTPFault) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(base.host, "\(base.port)", &hints, &found)
    defer { if let found { freeaddrinfo(found) } }
    guard code == 0 else {
      throw HTTPFault(code: .unresolved, message: "\(base.host): \(String(cString: gai_strerror(code)))")
    }
    return sequence(first: found) { $0?.pointee.ai_next }.compactMap { $0?.pointee }.compactMap { info in
      guard let address = info.ai_addr else { return nil }
      let bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
      return SocketAddress(family: info.ai_family, bytes: bytes)
    }
  }

  /// `127.0.0.1 port 80`.
  var text: String {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: 32)
    let code = withPointer { address, length in
      getnameinfo(
        address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
    }
    return code == 0 ? "\(Self.string(host)) port \(Self.string(port))" : "an unknown address"
  }

  private static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
  }
}

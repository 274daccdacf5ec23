internal import Glibc

/// An address of this machine with a port, where pages are served: `127.0.0.1:9187`, `[::1]:9187`.
package struct ListenAddress: Hashable, Sendable {
  /// Numeric, without the brackets of IPv6.
  package let host: String
  /// 0: any that is free.
  package let port: UInt16

  private static let accepted =
    "an address and a port are accepted, such as 127.0.0.1:9187 or [::1]:9187, or a port alone for 127.0.0.1"

  init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }

  /// - Parameter text: a port alone means 127.0.0.1, and so does `localhost`. Other names are not looked up: they may mean
  ///   another address tomorrow.
  package init(_ text: String) throws(ExporterFault) {
    let (host, digits) = Self.split(text)
    guard let port = Self.port(digits) else {
      throw ExporterFault(
        code: .badAddress,
        message: "'\(text)' has no port from 0 to 65535; \(Self.accepted); port 0 is any that is free")
    }
    if host?.isEmpty == true {
      throw ExporterFault(
        code: .badAddress,
        message: "'\(text)' has no address; \(digits) alone means 127.0.0.1, and 0.0.0.0:\(digits) every address")
    }
    let numeric = host == nil || host == "localhost" ? "127.0.0.1" : host ?? ""
    self.init(host: numeric, port: port)
    guard bytes != nil else {
      throw ExporterFault(code: .badAddress, message: "'\(numeric)' is no numeric address; \(Self.accepted)")
    }
  }

  private static func split(_ text: String) -> (host: String?, port: Substring) {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      let host = text[text.index(after: text.startIndex)..<end]
      return (String(host.contains(":") ? host : "[\(host)]"), rest.hasPrefix(":") ? rest.dropFirst() : "")
    }
    guard let colon = text.lastIndex(of: ":") else { return (nil, text[...]) }
    let host = text[..<colon]
    // Without brackets, nobody can tell where such an address ends.
    return host.contains(":") ? (nil, "") : (String(host), text[text.index(after: colon)...])
  }

  private static func port(_ digits: Substring) -> UInt16? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt16(digits)
  }

  private var isIPv6: Bool { host.contains(":") }

  /// In the order of the network; nil when the host is no address.
  private var bytes: [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
    return inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &bytes) == 1 ? bytes : nil
  }

  /// Whether only programs of this machine can reach it.
  package var isLoopback: Bool {
    guard let bytes else { return false }
    if !isIPv6 { return bytes[0] == 127 }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    return bytes == [UInt8](repeating: 0, count: 15) + [1] || (bytes.starts(with: mapped) && bytes[12] == 127)
  }

  /// As it is written in a URL.
  package var text: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// As `bind` takes it.
  var socketAddress: [UInt8] {
    let bytes = bytes ?? []
    if isIPv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
      return withUnsafeBytes(of: &address) { Array($0) }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
    return withUnsafeBytes(of: &address) { Array($0) }
  }

  var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }
}

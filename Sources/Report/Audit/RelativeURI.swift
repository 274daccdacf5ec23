/// Paths as code scanning and annotations want them: relative to the folder where the command was typed.
enum RelativePath {
  /// Without `.`, empty parts and what `..` takes back. A path within `directory` becomes relative to it; any other
  /// stays absolute.
  static func of(_ path: String, in directory: String) -> String {
    let absolute = path.hasPrefix("/")
    var parts = normalised(path, isAbsolute: absolute)
    let home = normalised(directory, isAbsolute: true)
    guard absolute else { return parts.joined(separator: "/") }
    guard !home.isEmpty, parts.starts(with: home), parts.count > home.count else {
      return "/" + parts.joined(separator: "/")
    }
    parts.removeFirst(home.count)
    return parts.joined(separator: "/")
  }

  private static func normalised(_ path: String, isAbsolute: Bool) -> [String] {
    var parts: [String] = []
    for part in path.split(separator: "/").map(String.init) where part != "." {
      if part != ".." || (parts.last ?? "..") == ".." && !isAbsolute { parts.append(part) } else { _ = parts.popLast() }
    }
    return parts
  }

  /// RFC 3986: all but unreserved characters and the slash is percent-encoded, byte by byte; so a name cannot be taken
  /// for a scheme, a query or a fragment.
  static func uri(_ path: String) -> String {
    let encoded = path.utf8.map { byte in
      isUnreserved(byte) || byte == UInt8(ascii: "/") ? String(UnicodeScalar(byte)) : "%" + hexadecimal(byte)
    }
    return (path.hasPrefix("/") ? "file://" : "") + encoded.joined()
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~".utf8.contains(byte)
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }
}

internal import CCrypto

/// The secret that a scraper shows (RFC 6750). Compared in a time that does not tell how much of a guess is right; never shown.
package struct BearerToken: Sendable, CustomStringConvertible {
  private let bytes: [UInt8]

  /// What can be guessed by trying is no protection.
  package static let leastBytes = 16
  package static let mostBytes = 4096

  /// - Parameter file: what stands in the token's file; a line feed at its end is no part of the token.
  package init(file: [UInt8]) throws(ExporterFault) {
    var bytes = file[...]
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
    guard bytes.allSatisfy(Self.isAllowed) else {
      throw ExporterFault(
        code: .badToken,
        message: "it holds more than one token: letters, digits and -._~+/= on one line are accepted, without blanks")
    }
    guard (Self.leastBytes...Self.mostBytes).contains(bytes.count) else {
      throw ExporterFault(
        code: .badToken,
        message: bytes.isEmpty
          ? "it is empty; a token of \(Self.leastBytes) to \(Self.mostBytes) bytes should stand in it"
          : "its token has \(bytes.count) bytes; \(Self.leastBytes) to \(Self.mostBytes) are accepted")
    }
    self.bytes = Array(bytes)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-._~+/=".utf8.contains(byte)
    }
  }

  /// - Parameter header: the value of `Authorization`; nil when there is none.
  func isShown(by header: String?) -> Bool {
    guard let header, let blank = header.firstIndex(of: " "), header[..<blank].lowercased() == "bearer" else {
      return false
    }
    let shown = Array(header[blank...].utf8.drop { $0 == 0x20 })
    // How long the token is may be known.
    return shown.count == bytes.count && CRYPTO_memcmp(shown, bytes, bytes.count) == 0
  }

  package var description: String { "a token" }
}

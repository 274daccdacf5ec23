private let newline = UInt8(ascii: "\n")

/// Secrets whose text is known, so that they are hidden also where nothing beside them tells what they are: a program may
/// print a password alone.
package struct KnownSecrets: Sendable {
  /// The longest first, since one may be a part of another.
  private let texts: [[UInt8]]

  /// What is shorter would turn up in words that are none.
  private static let shortest = 4

  /// - Parameter settings: names and values, of which some hold a secret: `PGPASSWORD`, `DATABASE_URL`.
  package init(_ settings: some Sequence<(name: String, value: String)>) {
    var found: Set<[UInt8]> = []
    for (name, value) in settings {
      let bytes = Array(value.utf8)
      if Redaction.isSecret(name) { found.formUnion(bytes.split(separator: newline).map(Array.init)) }
      for password in Redaction.passwords(bytes) { found.formUnion([password, Self.decoded(password)]) }
    }
    texts = found.filter { $0.count >= Self.shortest }.sorted { $0.count > $1.count }
  }

  /// The text with each of them hidden, and with whatever else is told as a secret by what stands beside it on its line.
  package func hidden(in text: String) -> String {
    let whole = Redaction.text(text)
    var bytes = whole == Written.hidden ? Array(whole.utf8) : Self.byLine(Array(text.utf8))
    for secret in texts { bytes = Self.replace(secret, in: bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What follows a password on the next line is no part of it, unless a quote is open.
  private static func byLine(_ bytes: [UInt8]) -> [UInt8] {
    var shown: [UInt8] = []
    var open: [UInt8] = []
    for line in bytes.split(separator: newline, omittingEmptySubsequences: false) {
      open += open.isEmpty ? line : [newline] + line
      let isClosed = [UInt8.quote, .doubleQuote].allSatisfy { quote in open.count { $0 == quote }.isMultiple(of: 2) }
      guard isClosed else { continue }
      shown += Redaction.text(String(decoding: open, as: UTF8.self)).utf8
      shown.append(newline)
      open = []
    }
    shown += Redaction.text(String(decoding: open, as: UTF8.self)).utf8
    if open.isEmpty { shown.removeLast() }
    return shown
  }

  private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= secret.count else { return bytes }
    var shown: [UInt8] = []
    shown.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == secret[0], bytes[index...].starts(with: secret) {
        shown += Written.hidden.utf8
        index += secret.count
      } else {
        shown.append(bytes[index])
        index += 1
      }
    }
    return shown
  }

  /// `p%40ss` is the password `p@ss`: a program may print either.
  private static func decoded(_ text: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      guard byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else {
        plain.append(byte)
        continue
      }
      plain.append(value)
      rest = rest.dropFirst(2)
    }
    return plain
  }
}

/// FNV-1a, 64 bit (Fowler, Noll, Vo): a short name for a text, which changes when the text does.
///
/// It guards against haste and not against an attacker, who could look for a text of any checksum; so a cryptographic
/// hash would add length and no protection. Nothing secret is named by it.
package struct Checksum: Hashable, Sendable {
  private let value: UInt64

  package init(_ text: String) {
    value = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// 16 hexadecimal digits.
  package var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// FNV-1a, 64 bit (Fowler, Noll, Vo): a region's checksum.
///
/// It tells a person that a generated region was edited by hand, which needs a hash that changes with the text and
/// fits on a line. It guards against haste and not against an attacker, who could write any checksum into the file
/// anyway; so a cryptographic hash would add length and code, and no protection.
struct Checksum: Hashable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ text: String) {
    for byte in text.utf8 {
      value ^= UInt64(byte)
      value = value &* 0x100_0000_01b3
    }
  }

  /// 16 hexadecimal digits.
  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

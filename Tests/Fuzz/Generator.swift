/// Makes inputs out of a corpus: the same number gives the same input, for ever.
struct Generator {
  let reader: FuzzedReader
  let corpus: [[UInt8]]

  /// SplitMix64.
  struct Random {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }

    /// From 0 to below `limit`, which is above 0.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
  }

  func input(_ random: inout Random) -> [UInt8] {
    var bytes = random.pick(corpus)
    for _ in 0..<(1 + random.below(6)) { mutate(&bytes, &random) }
    return bytes
  }

  /// A sound file and a line with a password, and the password's mark.
  func secret(_ random: inout Random) -> [UInt8] {
    let marks = Array("@/?#:%$;,!*~^|<>+-_.()[]".utf8)
    var password = Array("SESAME".utf8)
    for _ in 0..<random.below(3) { password += [random.pick(marks)] + Array("SESAME".utf8) }
    var bytes = random.pick(corpus)
    if bytes.last != 10 { bytes.append(10) }
    for byte in random.pick(reader.secrets).utf8 {
      if byte == UInt8(ascii: "%") { bytes += password } else { bytes.append(byte) }
    }
    return bytes + [10]
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout Random) {
    let place = random.below(bytes.count + 1)
    switch random.below(16) {
    case 0, 1:
      if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
    case 2:
      if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
    case 3, 4, 5: bytes.insert(contentsOf: random.pick(reader.words).utf8, at: place)
    case 6: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
    case 7: bytes.removeLast(bytes.count - place)
    case 8: splice(&bytes, at: place, &random)
    case 9: repeatPart(&bytes, at: place, &random)
    case 10: nest(&bytes, at: place, &random)
    case 11:
      bytes.insert(
        contentsOf: random.pick([[0xFF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0], [13], [0xEF, 0xBB, 0xBF]]),
        at: place)
    case 12: swapLines(&bytes, &random)
    case 13: bytes = bytes.flatMap { $0 == 10 ? [13, 10] : [$0] }
    case 14: bytes.insert(10, at: place)
    default: bytes.insert(UInt8(random.below(128)), at: place)
    }
    if bytes.count > 1 << 16 { bytes.removeLast(bytes.count - 1 << 16) }
  }

  private func splice(_ bytes: inout [UInt8], at place: Int, _ random: inout Random) {
    let other = random.pick(corpus)
    let from = random.below(other.count + 1)
    bytes.insert(contentsOf: other[from..<min(other.count, from + random.below(200))], at: place)
  }

  /// Huge lines and long files: mostly short ones, so that many inputs go through in a second.
  private func repeatPart(_ bytes: inout [UInt8], at place: Int, _ random: inout Random) {
    let part = bytes[place..<min(bytes.count, place + 1 + random.below(40))]
    let times = random.below(100) == 0 ? 2_000 : 1 + random.below(30)
    bytes.insert(contentsOf: repeatElement(part, count: times).joined(), at: place)
  }

  private func nest(_ bytes: inout [UInt8], at place: Int, _ random: inout Random) {
    let word = Array(random.pick(reader.words).utf8)
    let times = random.below(100) == 0 ? 3_000 : 1 + random.below(40)
    bytes.insert(contentsOf: repeatElement(word, count: times).joined(), at: place)
  }

  private func swapLines(_ bytes: inout [UInt8], _ random: inout Random) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    lines.swapAt(random.below(lines.count), random.below(lines.count))
    bytes = Array(lines.joined(separator: [10]))
  }
}

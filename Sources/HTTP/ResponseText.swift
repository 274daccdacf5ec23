/// Bytes of a response, looked at eight at a time: up to seven behind `count` are read, and never believed.
struct ResponseText: BitwiseCopyable {
  let base: UnsafeRawPointer
  let count: Int

  @inline(__always)
  subscript(place: Int) -> UInt8 { base.load(fromByteOffset: place, as: UInt8.self) }

  /// Eight bytes, the first one lowest.
  @inline(__always)
  func word(_ place: Int) -> UInt64 { UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }

  @inline(__always)
  func isLineEnd(_ place: Int) -> Bool {
    UInt16(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt16.self)) == 0x0A0D
  }

  /// The first byte of `from..<end` that is below a space, tabs left out; `end` where there is none.
  @inline(__always)
  func control(from: Int, to end: Int) -> Int {
    var place = from
    while place < end {
      let word = word(place)
      let marks = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
      if marks == 0 {
        place &+= 8
        continue
      }
      place &+= marks.trailingZeroBitCount &>> 3
      if place >= end || self[place] != UInt8(ascii: "\t") { break }
      place &+= 1
    }
    return min(place, end)
  }

  /// The first byte of `from..<end` that cannot be in a header's name: a colon, a space, what is below, or no ASCII; `end` where there
  /// is none.
  @inline(__always)
  func nameEnd(from: Int, to end: Int) -> Int {
    var place = from
    while place < end {
      let word = word(place)
      let colons = word ^ 0x3A3A_3A3A_3A3A_3A3A
      let marks =
        ((word &- 0x2121_2121_2121_2121) | word | ((colons &- 0x0101_0101_0101_0101) & ~colons)) & 0x8080_8080_8080_8080
      if marks != 0 { return min(place &+ marks.trailingZeroBitCount &>> 3, end) }
      place &+= 8
    }
    return end
  }

  /// The three digits behind `HTTP/1.1 `, which a space or the end of the line must follow.
  @inline(__always)
  func status(_ begin: Int) -> Int? {
    let hundreds = Int(self[begin &+ 9]) &- 48
    let tens = Int(self[begin &+ 10]) &- 48
    let ones = Int(self[begin &+ 11]) &- 48
    guard self[begin &+ 8] == UInt8(ascii: " "), 1...9 ~= hundreds, 0...9 ~= tens, 0...9 ~= ones else { return nil }
    let next = self[begin &+ 12]
    guard next == UInt8(ascii: " ") || next == UInt8(ascii: "\r") else { return nil }
    return hundreds &* 100 &+ tens &* 10 &+ ones
  }

  /// Without the spaces and tabs around it.
  @inline(__always)
  func trimmed(_ begin: Int, _ end: Int) -> Range<Int> {
    var (begin, end) = (begin, end)
    while begin < end, isBlank(self[begin]) { begin &+= 1 }
    while begin < end, isBlank(self[end &- 1]) { end &-= 1 }
    return begin..<end
  }

  /// Nil when there is anything but digits, or the number is too large.
  @inline(__always)
  func decimal(_ range: Range<Int>) -> Int? {
    // 18 digits hold in an Int whatever they are; no server needs more.
    guard 1...18 ~= range.count else { return nil }
    var value = 0
    for place in range {
      let digit = Int(self[place]) &- 48
      guard 0...9 ~= digit else { return nil }
      value = value &* 10 &+ digit
    }
    return value
  }

  /// Whether `word`, in lower case, stands there in any case.
  func has(_ word: StaticString, at range: Range<Int>) -> Bool {
    guard range.count == word.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count where lowercased(self[range.lowerBound + offset]) != word.utf8Start[offset] {
      return false
    }
    return true
  }
}

@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

func lowercased(_ byte: UInt8) -> UInt8 { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte }

func hexadecimal(_ byte: UInt8) -> Int? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48
  case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 87
  case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 55
  default: nil
  }
}

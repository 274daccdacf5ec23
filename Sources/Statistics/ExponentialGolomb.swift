/// A code for numbers of which small ones are common: as many zeros as the number has bits beyond those of its order, then
/// the number itself, with 2 to the power of the order added (Teuhola 1978).
struct ExponentialGolomb: Hashable {
  /// 0...15: numbers below 2^order cost order + 1 bits.
  let order: Int
  private let offset: UInt64

  init(order: Int) {
    self.order = order
    offset = 1 << UInt64(order)
  }

  func bits(of value: UInt64) -> Int { 2 * (63 - (value + offset).leadingZeroBitCount) + 1 - order }

  /// The order under which the values take the least room; the lowest of those.
  static func best(for values: [UInt64]) -> ExponentialGolomb {
    var best = (code: ExponentialGolomb(order: 0), bits: Int.max)
    for order in 0...15 {
      let code = ExponentialGolomb(order: order)
      let bits = values.reduce(0) { $0 + code.bits(of: $1) }
      if bits < best.bits { best = (code, bits) }
      // The sum falls to its least and then rises.
      if bits > best.bits { break }
    }
    return best.code
  }

  fileprivate func parts(of value: UInt64) -> (zeros: Int, length: Int, bits: UInt64) {
    let shifted = value + offset
    let length = 64 - shifted.leadingZeroBitCount
    return (length - 1 - order, length, shifted)
  }

  fileprivate func value(_ bits: UInt64) -> UInt64 { bits &- offset }
}

/// Bits to bytes, the high ones first.
struct BitWriter {
  private var bytes: [UInt8] = []
  /// The last bits are those that make no byte yet, fewer than 8.
  private var window: UInt64 = 0
  private var held = 0

  mutating func write(_ value: UInt64, _ code: ExponentialGolomb) {
    let (zeros, length, bits) = code.parts(of: value)
    append(bits, zeros + length)
  }

  /// - Parameter count: how many, with zeros before `bits`.
  private mutating func append(_ bits: UInt64, _ count: Int) {
    // No more than fit beside those that are held.
    if count > 32 { append(bits >> 32, count - 32) }
    let taken = min(count, 32)
    window = window << UInt64(taken) | bits & (1 << UInt64(taken) - 1)
    held += taken
    while held >= 8 {
      held -= 8
      bytes.append(UInt8(truncatingIfNeeded: window >> UInt64(held)))
    }
  }

  func finished() -> [UInt8] {
    held == 0 ? bytes : bytes + [UInt8(truncatingIfNeeded: window << UInt64(8 - held))]
  }
}

/// Bytes to numbers; the bytes are given at each call, since a span cannot be kept.
struct BitReader {
  /// Of the next byte.
  private var position: Int
  /// The next bits, at the high end, zeros below.
  private var window: UInt64 = 0
  private var available = 0

  init(position: Int) { self.position = position }

  /// Nil at the end, and for a number of more than 56 bits with its zeros, which no count comes near.
  @inline(__always)
  mutating func read(_ bytes: Span<UInt8>, _ code: ExponentialGolomb) -> UInt64? {
    if available < 32 { fill(bytes) }
    // The zeros before a number are part of it as well, so that it need not be cut out.
    let length = 2 &* (window | 1).leadingZeroBitCount &+ 1 &+ code.order
    // A shift by all 64 bits would be one by none.
    guard length <= available, length < 64 else { return readLong(bytes, code) }
    let bits = window &>> UInt64(truncatingIfNeeded: 64 &- length)
    window = window &<< UInt64(truncatingIfNeeded: length)
    available &-= length
    return code.value(bits)
  }

  @inline(__always)
  private mutating func fill(_ bytes: Span<UInt8>) {
    while available <= 56, position < bytes.count {
      window |= UInt64(bytes[position]) &<< UInt64(truncatingIfNeeded: 56 &- available)
      position &+= 1
      available &+= 8
    }
  }

  /// Bit by bit.
  private mutating func readLong(_ bytes: Span<UInt8>, _ code: ExponentialGolomb) -> UInt64? {
    var zeros = 0
    while true {
      guard let bit = readBit(bytes), zeros <= 56 else { return nil }
      if bit == 1 { break }
      zeros += 1
    }
    var bits: UInt64 = 1
    guard zeros + code.order < 60 else { return nil }
    for _ in 0..<zeros + code.order {
      guard let bit = readBit(bytes) else { return nil }
      bits = bits << 1 | bit
    }
    return code.value(bits)
  }

  private mutating func readBit(_ bytes: Span<UInt8>) -> UInt64? {
    if available == 0 { fill(bytes) }
    guard available > 0 else { return nil }
    defer {
      window <<= 1
      available -= 1
    }
    return window >> 63
  }

  /// Nothing is left but the zeros that fill up the last byte.
  func isAtEnd(_ bytes: Span<UInt8>) -> Bool { position == bytes.count && available < 8 && window == 0 }
}

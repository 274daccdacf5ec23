/// Seeded random numbers, the same on every platform and in every version: xoshiro256** (Blackman and Vigna 2018).
///
/// Each draw takes one step of the generator, so simulations that differ in a parameter stay in step.
/// Not for secrets. `public` so that drawing a number can be inlined into the loop.
public struct RandomSource: RandomNumberGenerator, Sendable {
  @usableFromInline
  var state: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameter stream: another stream of the same seed; one for each worker or virtual user.
  package init(seed: UInt64, stream: UInt64 = 0) {
    var streams = SplitMix64(state: stream)
    var expander = SplitMix64(state: stream == 0 ? seed : seed ^ streams.next())
    self.init(state: (expander.next(), expander.next(), expander.next(), expander.next()))
  }

  /// At least one word must differ from 0.
  init(state: (UInt64, UInt64, UInt64, UInt64)) { self.state = state }

  @inlinable
  public mutating func next() -> UInt64 {
    let result = rotatedLeft(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotatedLeft(state.3, by: 45)
    return result
  }

  @inlinable
  func rotatedLeft(_ value: UInt64, by bits: UInt64) -> UInt64 {
    value &<< bits | value &>> (64 &- bits)
  }

  /// Uniform in 0..<1, in steps of 2^-53.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `range`, which must not be empty.
  package mutating func uniform(in range: Range<Double>) -> Double {
    let drawn = range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
    return drawn < range.upperBound ? drawn : range.lowerBound
  }

  /// A whole number of 0..<bound. Multiply-and-shift: its bias is below bound/2^64.
  package mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "nothing is below 0")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  @inlinable
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound)) &+ 1
    let offset = width == 0 ? next() : next().multipliedFullWidth(by: width).high
    return range.lowerBound &+ Int(truncatingIfNeeded: offset)
  }

  /// A fair coin.
  package mutating func coin() -> Bool { next() >> 63 == 1 }

  /// Exponential; always finite, at most 36.8 means.
  package mutating func exponential(mean: Double) -> Double {
    -mean * portableLog(1 - uniform())
  }
}

/// Expands a seed into well-mixed words (Steele, Lea and Flood 2014).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// ln x for normal x > 0 by basic arithmetic alone: a libm may round the last bit by processor.
func portableLog(_ x: Double) -> Double {
  let large = x.significand > 2.squareRoot()
  let mantissa = large ? x.significand / 2 : x.significand
  let exponent = Double(x.exponent) + (large ? 1 : 0)
  let z = (mantissa - 1) / (mantissa + 1)
  let square = z * z
  // 2 artanh z = ln mantissa; |z| < 0.172, so terms beyond z^21 are below one rounding.
  var series = square * (1.0 / 21) + 1.0 / 19
  series = series * square + 1.0 / 17
  series = series * square + 1.0 / 15
  series = series * square + 1.0 / 13
  series = series * square + 1.0 / 11
  series = series * square + 1.0 / 9
  series = series * square + 1.0 / 7
  series = series * square + 1.0 / 5
  series = series * square + 1.0 / 3
  return exponent * 0.693147180559945309 + 2 * z * (1 + series * square)
}

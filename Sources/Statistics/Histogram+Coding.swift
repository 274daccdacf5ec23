// The stored form: a version byte, then variable-length integers (7 bits a byte, low first):
// filled buckets, smallest, largest, sum, and for each filled bucket its distance from the one before and its count.

extension Histogram {
  private static let version: UInt8 = 1
  /// No run comes near; keeps sums of decoded histograms far from overflow.
  private static let mostCounts: UInt64 = 1 << 48

  package func encoded() -> [UInt8] {
    var writer = VariableLengthWriter(first: Self.version)
    let filled = counts.indices.filter { counts[$0] > 0 }
    writer.write(UInt64(filled.count))
    guard let range else { return writer.bytes }
    writer.write(UInt64(range.lowerBound))
    writer.write(UInt64(range.upperBound))
    writer.write(sum)
    var previous = 0
    for index in filled {
      writer.write(UInt64(index - previous))
      writer.write(UInt64(counts[index]))
      previous = index
    }
    return writer.bytes
  }

  /// Nil unless the bytes are exactly what `encoded()` makes of some histogram of at most 2^48 values.
  package init?(encoded bytes: [UInt8]) {
    guard bytes.first == Self.version else { return nil }
    var reader = VariableLengthReader(bytes: bytes[1...])
    guard let filled = reader.read(below: UInt64(BucketLayout.count) + 1) else { return nil }
    if filled > 0 {
      guard let decoded = Self.decoded(filled: filled, from: &reader) else { return nil }
      self = decoded
    } else {
      self.init()
    }
    guard reader.isAtEnd else { return nil }
  }

  private static func decoded(filled: UInt64, from reader: inout VariableLengthReader) -> Histogram? {
    let values: UInt64 = 1 << 63
    guard let smallest = reader.read(below: values), let largest = reader.read(below: values),
      smallest <= largest, let sum = reader.read()
    else { return nil }
    let range = Int64(smallest)...Int64(largest)
    guard let counts = decodedCounts(filled: filled, range: range, from: &reader),
      isPlausible(sum: sum, of: counts)
    else { return nil }
    return Histogram(counts: counts, count: counts.reduce(0, +), sum: sum, values: range)
  }

  private static func decodedCounts(
    filled: UInt64, range: ClosedRange<Int64>, from reader: inout VariableLengthReader
  ) -> [Int]? {
    let first = BucketLayout.index(of: range.lowerBound)
    let last = BucketLayout.index(of: range.upperBound)
    var counts = [Int](repeating: 0, count: last + 1)
    var index = 0
    var room = mostCounts
    for position in 0..<filled {
      guard let step = reader.read(below: UInt64(last - index) + 1), let count = reader.read(below: room + 1),
        count > 0, position == 0 ? Int(step) == first : step > 0
      else { return nil }
      index += Int(step)
      counts[index] = Int(count)
      room -= count
    }
    return index == last ? counts : nil
  }

  private static func isPlausible(sum: UInt64, of counts: [Int]) -> Bool {
    var least: UInt64 = 0
    var most: UInt64 = 0
    for index in counts.indices where counts[index] > 0 {
      let values = BucketLayout.values(at: index)
      least = saturatingSum(least, saturatingProduct(UInt64(values.lowerBound), UInt64(counts[index])))
      most = saturatingSum(most, saturatingProduct(UInt64(values.upperBound), UInt64(counts[index])))
    }
    return least <= sum && sum <= most
  }
}

private struct VariableLengthWriter {
  private(set) var bytes: [UInt8]

  init(first: UInt8) { bytes = [first] }

  mutating func write(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

private struct VariableLengthReader {
  var bytes: ArraySlice<UInt8>

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func read(below limit: UInt64) -> UInt64? {
    guard let value = read(), value < limit else { return nil }
    return value
  }

  /// Nil at the end, beyond 64 bits, and for an integer written longer than need be.
  mutating func read() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = bytes.popFirst() {
      guard shift < 63 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return byte == 0 && shift > 0 ? nil : value }
      shift += 7
    }
    return nil
  }
}

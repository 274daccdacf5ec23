// The stored form: a version byte, then variable-length integers (7 bits a byte, low first): filled buckets, smallest,
// largest, sum. The first bucket is that of the smallest value. Then, version 2: a byte with the two orders, and bits, high
// ones first: for each filled bucket its distance from the one before, less 1 (not for the first), and its count, less 1, as
// exponential Golomb codes of those orders, filled up with zeros to a byte. Version 1, which is read and no more written:
// for each filled bucket its distance from the one before (from 0 for the first) and its count, as variable-length integers.

extension Histogram {
  /// No run comes near; keeps sums of decoded histograms far from overflow.
  private static let mostCounts: UInt64 = 1 << 48

  /// About 4 bits a filled bucket for seconds of a load, a third of version 1.
  package func encoded() -> [UInt8] {
    var writer = VariableLengthWriter(first: EncodedHeader.packed)
    guard let range else {
      writer.write(0)
      return writer.bytes
    }
    // Nothing stands below the smallest value, which is as a rule most of the array.
    let filled = (BucketLayout.index(of: range.lowerBound)..<counts.count).filter { counts[$0] > 0 }
    writer.write(UInt64(filled.count))
    writer.write(UInt64(range.lowerBound))
    writer.write(UInt64(range.upperBound))
    writer.write(sum)
    let gaps = zip(filled.dropFirst(), filled).map { UInt64($0 - $1 - 1) }
    let rest = filled.map { UInt64(counts[$0] - 1) }
    return writer.bytes + packed(gaps: gaps, counts: rest)
  }

  private func packed(gaps: [UInt64], counts: [UInt64]) -> [UInt8] {
    let orders = (gaps: ExponentialGolomb.best(for: gaps), counts: ExponentialGolomb.best(for: counts))
    var writer = BitWriter()
    for (index, count) in counts.enumerated() {
      if index > 0 { writer.write(gaps[index - 1], orders.gaps) }
      writer.write(count, orders.counts)
    }
    return [UInt8(orders.gaps.order | orders.counts.order << 4)] + writer.finished()
  }

  /// Nil unless the bytes are a stored form, to the last bit, of some histogram of at most 2^48 values.
  package init?(encoded bytes: [UInt8]) {
    self.init()
    guard merge(encoded: bytes) else { return nil }
  }

  /// Adds the histogram that the bytes stand for, as decoding and `merge` would, without making it in between: an hour of
  /// seconds is read this way. False, and nothing is added, for bytes that stand for none.
  package mutating func merge(encoded bytes: [UInt8]) -> Bool {
    let bytes = bytes.span
    guard let header = EncodedHeader(bytes) else { return false }
    guard let range = header.range else { return true }
    let length = counts.count
    extend(to: header.last + 1)
    let added = add(header, bytes, sign: 1, buckets: header.filled)
    guard added.isWhole, header.isPlausible(added) else {
      _ = add(header, bytes, sign: -1, buckets: added.buckets)
      counts.removeLast(counts.count - length)
      return false
    }
    take(count: Int(added.count), sum: header.sum, range: range)
    return true
  }

  /// What was read of the buckets.
  fileprivate struct Added {
    let buckets: Int
    let count: UInt64
    /// The sum of the values is at least and at most this.
    let least: UInt64
    let most: UInt64
    /// All buckets were there, well formed, and nothing after them.
    let isWhole: Bool
  }

  private mutating func add(_ header: EncodedHeader, _ bytes: Span<UInt8>, sign: Int, buckets: Int) -> Added {
    guard header.isPacked else {
      return add(header, bytes, VariableLengthBuckets(header), sign: sign, buckets: buckets)
    }
    return add(header, bytes, PackedBuckets(header, bytes), sign: sign, buckets: buckets)
  }

  /// The innermost loop of reading a run: five million buckets in an hour.
  private mutating func add<Buckets: EncodedBuckets>(
    _ header: EncodedHeader, _ bytes: Span<UInt8>, _ reader: Buckets, sign: Int, buckets: Int
  ) -> Added {
    var reader = reader
    var (index, read) = (0, 0)
    var (total, least, slack): (UInt64, UInt64, UInt64) = (0, 0, 0)
    let (first, last, isSmall) = (header.first, header.last, header.isSmall)
    var counts = counts.mutableSpan
    while read < buckets {
      guard let (step, count) = reader.next(bytes),
        step <= UInt64(last &- index), count &- 1 < Self.mostCounts &- total,
        read > 0 ? step > 0 : step == UInt64(first)
      else { break }
      index &+= Int(truncatingIfNeeded: step)
      counts[index] &+= sign &* Int(truncatingIfNeeded: count)
      let shift = max((index >> 7) &- 1, 0)
      let low = UInt64(truncatingIfNeeded: index &- (shift << 7)) &<< UInt64(truncatingIfNeeded: shift)
      let width = (1 &<< UInt64(truncatingIfNeeded: shift)) &- 1
      total &+= count
      if isSmall, total < EncodedHeader.fewValues {
        least &+= low &* count
        slack &+= width &* count
      } else {
        least = saturatingSum(least, saturatingProduct(low, count))
        slack = saturatingSum(slack, saturatingProduct(width, count))
      }
      read &+= 1
    }
    return Added(
      buckets: read, count: total, least: least, most: saturatingSum(least, slack),
      isWhole: read == header.filled && index == last && reader.isAtEnd(bytes))
  }
}

/// What stands before the buckets.
private struct EncodedHeader {
  /// The versions.
  private static let plain: UInt8 = 1
  static let packed: UInt8 = 2
  let isPacked: Bool
  let filled: Int
  /// Nil without values.
  let range: ClosedRange<Int64>?
  let sum: UInt64
  /// The first and the last bucket.
  let first: Int
  let last: Int
  /// Where the buckets begin.
  let end: Int
  /// No value as large as this, with `fewValues` of them, can make a sum overflow.
  private static let smallValue: Int64 = 1 << 40
  static let fewValues: UInt64 = 1 << 22

  var isSmall: Bool { (range?.upperBound ?? 0) < Self.smallValue }

  /// Nil for bytes that no histogram makes.
  init?(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty, bytes[0] == Self.plain || bytes[0] == Self.packed else { return nil }
    isPacked = bytes[0] == Self.packed
    var position = 1
    guard let filled = readVariable(bytes, &position), filled <= UInt64(BucketLayout.count) else { return nil }
    guard filled > 0 else {
      guard position == bytes.count else { return nil }
      (self.filled, range, sum, first, last, end) = (0, nil, 0, 0, 0, position)
      return
    }
    guard let smallest = readVariable(bytes, &position), let largest = readVariable(bytes, &position),
      smallest <= largest, largest <= UInt64(Int64.max), let sum = readVariable(bytes, &position)
    else { return nil }
    self.filled = Int(filled)
    range = Int64(smallest)...Int64(largest)
    self.sum = sum
    first = BucketLayout.index(of: Int64(smallest))
    last = BucketLayout.index(of: Int64(largest))
    end = position
  }

  /// Whether the sum can be that of the values.
  func isPlausible(_ added: Histogram.Added) -> Bool { added.least <= sum && sum <= added.most }
}

/// What reads the buckets one after the other.
private protocol EncodedBuckets {
  /// Distance from the bucket before and count; nil where the bytes do not say.
  mutating func next(_ bytes: Span<UInt8>) -> (step: UInt64, count: UInt64)?
  /// Whether there is nothing but what was read.
  func isAtEnd(_ bytes: Span<UInt8>) -> Bool
}

/// Version 1.
private struct VariableLengthBuckets: EncodedBuckets {
  private var position: Int

  init(_ header: EncodedHeader) { position = header.end }

  @inline(__always)
  mutating func next(_ bytes: Span<UInt8>) -> (step: UInt64, count: UInt64)? {
    guard let step = readVariable(bytes, &position), let count = readVariable(bytes, &position) else { return nil }
    return (step, count)
  }

  func isAtEnd(_ bytes: Span<UInt8>) -> Bool { position == bytes.count }
}

/// Version 2.
private struct PackedBuckets: EncodedBuckets {
  private var bits: BitReader
  private let gaps: ExponentialGolomb
  private let counts: ExponentialGolomb
  private var first: UInt64?

  init(_ header: EncodedHeader, _ bytes: Span<UInt8>) {
    let orders = header.end < bytes.count ? bytes[header.end] : 0
    gaps = ExponentialGolomb(order: Int(orders & 15))
    counts = ExponentialGolomb(order: Int(orders >> 4))
    bits = BitReader(position: header.end + 1)
    first = UInt64(header.first)
  }

  @inline(__always)
  mutating func next(_ bytes: Span<UInt8>) -> (step: UInt64, count: UInt64)? {
    var step = first
    if step == nil { step = bits.read(bytes, gaps).map { $0 &+ 1 } }
    first = nil
    guard let step, let count = bits.read(bytes, counts) else { return nil }
    return (step, count &+ 1)
  }

  func isAtEnd(_ bytes: Span<UInt8>) -> Bool { bits.isAtEnd(bytes) }
}

/// Nil at the end, beyond 64 bits, and for an integer written longer than need be.
@inline(__always)
private func readVariable(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt64? {
  guard position < bytes.count else { return nil }
  let first = bytes[position]
  position += 1
  return first < 0x80 ? UInt64(first) : readLong(bytes, &position, first)
}

private func readLong(_ bytes: Span<UInt8>, _ position: inout Int, _ first: UInt8) -> UInt64? {
  var value = UInt64(first & 0x7F)
  var shift: UInt64 = 7
  while position < bytes.count {
    let byte = bytes[position]
    position += 1
    guard shift < 63 || byte <= 1 else { return nil }
    value |= UInt64(byte & 0x7F) << shift
    if byte < 0x80 { return byte == 0 ? nil : value }
    shift += 7
  }
  return nil
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

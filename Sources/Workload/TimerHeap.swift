/// Moments in order: a 4-ary heap, whose fewer levels suit caches better than a binary one. Equal moments come out in any order.
package struct TimerHeap: ~Copyable {
  // Times and values apart, and beyond the last one three times that come after all: so four children are compared at one
  // check of bounds, at 45 instructions a level instead of 90.
  private var times: Slab<Int64>
  private var values: Slab<Int32>
  package private(set) var count = 0

  package init(capacity: Int = 64) {
    times = Slab(repeating: .max, count: max(capacity, 4) + 3)
    values = Slab(repeating: 0, count: max(capacity, 4))
  }

  /// The earliest moment; `Int64.max` when there is none.
  package var earliest: Int64 { times[0] }

  package mutating func push(_ value: Int32, at time: Int64) {
    if count == values.count { grow() }
    var hole = count
    count &+= 1
    while hole > 0 {
      let parent = (hole &- 1) / 4
      if times[parent] <= time { break }
      times[hole] = times[parent]
      values[hole] = values[parent]
      hole = parent
    }
    times[hole] = time
    values[hole] = value
  }

  /// Puts an entry where there is none.
  @inline(__always)
  mutating func putFirst(_ value: Int32, at time: Int64) {
    times[0] = time
    values[0] = value
    count = 1
  }

  /// Takes the only entry.
  @inline(__always)
  mutating func takeLast() -> (time: Int64, value: Int32) {
    let top = (times[0], values[0])
    times[0] = .max
    count = 0
    return top
  }

  private mutating func grow() {
    times.grow(to: count * 2 + 3, with: .max)
    values.grow(to: count * 2, with: 0)
  }

  /// Takes the earliest; nil when there is none.
  package mutating func pop() -> (time: Int64, value: Int32)? {
    guard count > 0 else { return nil }
    let top = (times[0], values[0])
    count &-= 1
    let last = (times[count], values[count])
    times[count] = .max
    if count > 0 { sink(last.0, last.1) }
    return top
  }

  /// Puts an entry where the root was taken from.
  private mutating func sink(_ time: Int64, _ value: Int32) {
    var hole = 0
    while true {
      let first = hole &* 4 &+ 1
      if first >= count { break }
      let (a, b, c, d) = times.four(from: first)
      var (earliest, least) = (a, first)
      if b < earliest { (earliest, least) = (b, first &+ 1) }
      if c < earliest { (earliest, least) = (c, first &+ 2) }
      if d < earliest { (earliest, least) = (d, first &+ 3) }
      if earliest >= time { break }
      times[hole] = earliest
      values[hole] = values[least]
      hole = least
    }
    times[hole] = time
    values[hole] = value
  }
}

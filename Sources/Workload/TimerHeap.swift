/// Moments in order: a 4-ary heap, whose fewer levels suit caches better than a binary one. Equal moments come out in any order.
package struct TimerHeap: ~Copyable {
  // Not private: types that hold a heap need its layout, and the debug compiler fails on a private element.
  struct Entry: BitwiseCopyable {
    var time: Int64
    var value: Int32
  }
  private static let filler = Entry(time: 0, value: 0)
  private var entries: Slab<Entry>
  package private(set) var count = 0

  package init(capacity: Int = 64) { entries = Slab(repeating: Self.filler, count: max(capacity, 4)) }

  /// The earliest moment; `Int64.max` when there is none.
  package var earliest: Int64 { count == 0 ? .max : entries[0].time }

  package mutating func push(_ value: Int32, at time: Int64) {
    if count == entries.count { entries.grow(to: count * 2, with: Self.filler) }
    var hole = count
    count &+= 1
    while hole > 0 {
      let parent = (hole &- 1) / 4
      if entries[parent].time <= time { break }
      entries[hole] = entries[parent]
      hole = parent
    }
    entries[hole] = Entry(time: time, value: value)
  }

  /// Takes the earliest; nil when there is none.
  package mutating func pop() -> (time: Int64, value: Int32)? {
    guard count > 0 else { return nil }
    let top = entries[0]
    count &-= 1
    if count > 0 { sink(entries[count]) }
    return (top.time, top.value)
  }

  /// Puts `entry` where the root was taken from.
  private mutating func sink(_ entry: Entry) {
    var hole = 0
    while true {
      let first = hole &* 4 &+ 1
      if first >= count { break }
      var least = first
      for child in (first &+ 1)..<max(first &+ 1, min(first &+ 4, count))
      where entries[child].time < entries[least].time {
        least = child
      }
      if entries[least].time >= entry.time { break }
      entries[hole] = entries[least]
      hole = least
    }
    entries[hole] = entry
  }
}

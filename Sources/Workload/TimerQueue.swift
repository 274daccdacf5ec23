/// Moments in order, at a cost for each that does not grow with their number. Equal moments come out in any order.
///
/// A ladder queue: the next few lie in a heap, later ones in slots of equal width, and what comes after the last slot on a pile
/// without order. When the slots are used up, the nearer part of the pile is sorted into about as many as it has moments. So a
/// moment is moved from pile to slot to heap once, and the heap has one or two of them, however many users think.
package struct TimerQueue: ~Copyable {
  /// Not private: of a field whose type is, Swift 6.3.1 makes a debug build that refers to nothing.
  struct Node: BitwiseCopyable {
    var time: Int64
    var value: Int32
    /// The next of its slot, of the pile, or of those that are free.
    var next: Int32
  }
  private static let none: Int32 = -1
  /// As many are quicker in the heap alone.
  private static let fewest = 32

  private var near: TimerHeap
  /// What comes before it is in `near`; all is where it is `Int64.max`.
  private var nearEnd = Int64.max
  /// Beyond so many in `near` its slot was too wide: all is sorted anew.
  private var mostNear = fewest
  /// The first node of each.
  private var slots: Slab<Int32>
  private var slotCount = 0
  /// The first slot that has not gone to `near`.
  private var current = 0
  private var start: Int64 = 0
  /// A slot is as wide as the power of two.
  private var shift = 0
  private var pile = none
  private var pileCount = 0
  private var pileEarliest = Int64.max
  /// Sum of their distances from `start`.
  private var pileDistance = 0.0
  private var nodes: Slab<Node>
  private var free = none
  /// Nodes from here on were never used.
  private var used = 0
  package private(set) var count = 0

  package init(capacity: Int = 64) {
    near = TimerHeap(capacity: min(capacity, Self.fewest + 1))
    slots = Slab(repeating: Self.none, count: 0)
    nodes = Slab(repeating: Node(time: 0, value: 0, next: Self.none), count: 0)
  }

  /// The earliest moment; `Int64.max` when there is none. Stored: to compute it, the compiler copies the whole struct.
  package private(set) var earliest = Int64.max

  /// How many are in the heap.
  var nearCount: Int { near.count }

  /// - Parameter time: below `Int64.max`.
  package mutating func push(_ value: Int32, at time: Int64) {
    count &+= 1
    earliest = min(earliest, time)
    guard time >= nearEnd else {
      near.push(value, at: time)
      if near.count > mostNear { sortAnew() }
      return
    }
    file(newNode(), value, time)
  }

  /// Takes the earliest; nil when there is none.
  package mutating func pop() -> (time: Int64, value: Int32)? {
    guard near.count == 1 else {
      guard let top = near.pop() else { return nil }
      count &-= 1
      earliest = near.earliest
      return top
    }
    let top = near.takeLast()
    count &-= 1
    if count > 0 { refill() }
    earliest = near.earliest
    return top
  }

  @inline(__always)
  private mutating func newNode() -> Int32 {
    let node = free
    if node >= 0 {
      free = nodes[Int(node)].next
      return node
    }
    if used == nodes.count { grow() }
    used &+= 1
    return Int32(truncatingIfNeeded: used &- 1)
  }

  @inline(never)
  private mutating func grow() {
    nodes.grow(to: max(64, used * 2), with: Node(time: 0, value: 0, next: Self.none))
  }

  /// Puts what does not belong to `near` into its slot or on the pile.
  @inline(__always)
  private mutating func file(_ node: Int32, _ value: Int32, _ time: Int64) {
    let slot = UInt64(bitPattern: time &- start) >> (UInt64(shift) & 63)
    if slot < UInt64(bitPattern: Int64(slotCount)) {
      nodes[Int(node)] = Node(time: time, value: value, next: slots[Int(truncatingIfNeeded: slot)])
      slots[Int(truncatingIfNeeded: slot)] = node
    } else {
      lay(node, value, time)
    }
  }

  @inline(__always)
  private mutating func lay(_ node: Int32, _ value: Int32, _ time: Int64) {
    nodes[Int(node)] = Node(time: time, value: value, next: pile)
    pile = node
    pileCount &+= 1
    pileEarliest = min(pileEarliest, time)
    pileDistance += Double(time &- start)
  }

  /// Fills `near`, which is empty while there is more, from the next slot that is not.
  private mutating func refill() {
    while true {
      while current < slotCount {
        let first = slots[current]
        slots[current] = Self.none
        current &+= 1
        if first >= 0 { return moveToNear(first) }
      }
      sortPile()
    }
  }

  @inline(__always)
  private mutating func moveToNear(_ first: Int32) {
    let entry = nodes[Int(first)]
    near.putFirst(entry.value, at: entry.time)
    var (last, node) = (first, entry.next)
    while node >= 0 {
      let entry = nodes[Int(node)]
      near.push(entry.value, at: entry.time)
      (last, node) = (node, entry.next)
    }
    nodes[Int(last)].next = free
    free = first
    let (end, isBeyond) = start.addingReportingOverflow(Int64(current) << Int64(shift))
    nearEnd = isBeyond || near.count == count ? .max : end
  }

  /// Makes slots of the pile's nearer part. They reach twice as far as its moments do on average, so that half of them are in
  /// it at least, and a few far ones do not make the slots wide for all.
  @inline(never)
  private mutating func sortPile() {
    let number = Double(pileCount)
    let mean = max(0, pileDistance / number - Double(pileEarliest &- start))
    let width = UInt64(min(max(mean / number, 1), 0x1p62))
    shift = 63 - width.leadingZeroBitCount
    slotCount = Int(min(2 * mean / Double(UInt64(1) << UInt64(shift)), 4 * number)) + 1
    slots.grow(to: slotCount, with: Self.none)
    start = pileEarliest
    current = 0
    mostNear = max(Self.fewest, count / 8)
    var node = clearPile()
    while node >= 0 {
      let entry = nodes[Int(node)]
      file(node, entry.value, entry.time)
      node = entry.next
    }
  }

  private mutating func clearPile() -> Int32 {
    let first = pile
    (pile, pileCount, pileEarliest, pileDistance) = (Self.none, 0, .max, 0)
    return first
  }

  /// Sorts all into slots whose width suits what is there now.
  @inline(never)
  private mutating func sortAnew() {
    for slot in current..<max(current, slotCount) {
      var node = slots[slot]
      slots[slot] = Self.none
      while node >= 0 {
        let entry = nodes[Int(node)]
        lay(node, entry.value, entry.time)
        node = entry.next
      }
    }
    while let (time, value) = near.pop() { lay(newNode(), value, time) }
    slotCount = 0
    current = 0
    refill()
    // Where they lie too close for slots, the next attempt is not to come at once.
    mostNear = max(mostNear, 2 * near.count)
  }
}

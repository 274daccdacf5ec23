internal import Workload

/// A request from when it is due until it is answered or has failed.
struct Request: BitwiseCopyable {
  var due: Int64 = 0
  /// When poolops began to act on it: asked the pool for a connection.
  var acted: Int64 = 0
  /// When the statement, or the preparing of it, was sent.
  var sent: Int64 = 0
  var user: Int32 = 0
  var transaction: Int32 = 0
}

/// The requests in flight; slots are used again, last freed first.
struct RequestTable: ~Copyable {
  private var slots: Slab<Request>
  private var free: Slab<Int32>
  private var freeCount: Int

  init(capacity: Int) {
    slots = Slab(repeating: Request(), count: capacity)
    free = Slab(repeating: 0, count: capacity)
    freeCount = capacity
    for slot in 0..<capacity { free[slot] = Int32(capacity - 1 - slot) }
  }

  mutating func add(_ request: Request) -> Int32 {
    if freeCount == 0 { double() }
    freeCount &-= 1
    let slot = free[freeCount]
    slots[Int(slot)] = request
    return slot
  }

  mutating func remove(_ slot: Int32) -> Request {
    free[freeCount] = slot
    freeCount &+= 1
    return slots[Int(slot)]
  }

  subscript(slot: Int32) -> Request {
    get { slots[Int(slot)] }
    _modify { yield &slots[Int(slot)] }
  }

  private mutating func double() {
    let old = slots.count
    slots.grow(to: old * 2, with: Request())
    free.grow(to: old * 2, with: 0)
    for slot in old..<old * 2 { free[freeCount + slot - old] = Int32(slot) }
    freeCount += old
  }
}

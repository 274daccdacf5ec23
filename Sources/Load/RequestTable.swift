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
  private var slots: UnsafeMutablePointer<Request>
  private var free: UnsafeMutablePointer<Int32>
  private var freeCount = 0
  private var capacity = 0

  init(capacity: Int) {
    slots = .allocate(capacity: 0)
    free = .allocate(capacity: 0)
    grow(to: max(capacity, 1))
  }

  deinit {
    slots.deallocate()
    free.deallocate()
  }

  mutating func add(_ request: Request) -> Int32 {
    if freeCount == 0 { grow(to: capacity * 2) }
    freeCount &-= 1
    let slot = free[freeCount]
    slots[Int(slot)] = request
    return slot
  }

  @discardableResult
  mutating func remove(_ slot: Int32) -> Request {
    let request = self[slot]
    free[freeCount] = slot
    freeCount &+= 1
    return request
  }

  subscript(slot: Int32) -> Request {
    @inline(__always) unsafeAddress {
      precondition(UInt32(bitPattern: slot) < UInt32(truncatingIfNeeded: capacity), "no such request")
      return UnsafePointer(slots + Int(slot))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt32(bitPattern: slot) < UInt32(truncatingIfNeeded: capacity), "no such request")
      return slots + Int(slot)
    }
  }

  private mutating func grow(to size: Int) {
    let moreSlots = UnsafeMutablePointer<Request>.allocate(capacity: size)
    moreSlots.initialize(repeating: Request(), count: size)
    moreSlots.update(from: slots, count: capacity)
    let moreFree = UnsafeMutablePointer<Int32>.allocate(capacity: size)
    moreFree.initialize(repeating: 0, count: size)
    moreFree.update(from: free, count: freeCount)
    for slot in capacity..<size { moreFree[freeCount + size - 1 - slot] = Int32(slot) }
    freeCount += size - capacity
    slots.deallocate()
    free.deallocate()
    slots = moreSlots
    free = moreFree
    capacity = size
  }
}

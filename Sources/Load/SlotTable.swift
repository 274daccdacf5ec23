/// The loop's side of one slot of the pool.
struct ConnectionSlot: BitwiseCopyable {
  /// The request that uses it; -1 when none does.
  var request: Int32 = -1
  /// Counts the connections that were in this slot: an event of an earlier one is recognised by it.
  var generation: UInt32 = 0
  /// When opening was asked for.
  var asked: Int64 = 0
  /// Whether the poller also waits for room to write.
  var isBlocked = false
}

/// One slot for each connection that the pool may have.
struct SlotTable: ~Copyable {
  private let slots: UnsafeMutablePointer<ConnectionSlot>
  let count: Int

  init(count: Int) {
    self.count = count
    slots = .allocate(capacity: count)
    slots.initialize(repeating: ConnectionSlot(), count: count)
  }

  deinit { slots.deallocate() }

  subscript(index: Int) -> ConnectionSlot {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such connection")
      return UnsafePointer(slots + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such connection")
      return slots + index
    }
  }
}

/// One slot for each connection that the pool may have. Raw memory and a flag: the compiler (6.3.1) cannot borrow an optional
/// out of a table, and to ask one in a struct of its own costs more.
struct ConnectionTable<Connection: ~Copyable>: ~Copyable {
  private let slots: UnsafeMutablePointer<Connection>
  /// Whether there is a connection in the slot.
  private let isOpen: UnsafeMutablePointer<Bool>
  let count: Int

  init(count: Int) {
    self.count = count
    slots = .allocate(capacity: count)
    isOpen = .allocate(capacity: count)
    isOpen.initialize(repeating: false, count: count)
  }

  deinit {
    for index in 0..<count where isOpen[index] { (slots + index).deinitialize(count: 1) }
    slots.deallocate()
    isOpen.deallocate()
  }

  @inline(__always)
  borrowing func contains(_ index: Int) -> Bool {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such slot")
    return isOpen[index]
  }

  /// Closes the one that is there.
  mutating func put(_ connection: consuming Connection, _ index: Int) {
    remove(index)
    (slots + index).initialize(to: connection)
    isOpen[index] = true
  }

  mutating func remove(_ index: Int) {
    guard contains(index) else { return }
    isOpen[index] = false
    (slots + index).deinitialize(count: 1)
  }

  subscript(index: Int) -> Connection {
    @inline(__always) unsafeAddress {
      precondition(contains(index), "no such connection")
      return UnsafePointer(slots + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(contains(index), "no such connection")
      return slots + index
    }
  }
}

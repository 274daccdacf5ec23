internal import Postgres

/// A place for a connection. A struct of its own: the compiler (6.3.1) cannot borrow an optional of it out of a table.
struct ConnectionCell: ~Copyable {
  var connection: LoadConnection?
}

/// One slot for each connection that the pool may have.
struct ConnectionTable: ~Copyable {
  private let slots: UnsafeMutablePointer<ConnectionCell>
  let count: Int

  init(count: Int) {
    self.count = count
    slots = .allocate(capacity: count)
    for index in 0..<count { (slots + index).initialize(to: ConnectionCell()) }
  }

  deinit {
    slots.deinitialize(count: count)
    slots.deallocate()
  }

  subscript(index: Int) -> ConnectionCell {
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

/// Things of which each has one owner, one for each slot of the pool: an `Array` holds only what can be copied.
struct CellTable<Cell: ~Copyable>: ~Copyable {
  private let cells: UnsafeMutablePointer<Cell>
  let count: Int

  init(count: Int, _ make: () -> Cell) {
    self.count = count
    cells = .allocate(capacity: count)
    for index in 0..<count { (cells + index).initialize(to: make()) }
  }

  deinit {
    cells.deinitialize(count: count)
    cells.deallocate()
  }

  subscript(index: Int) -> Cell {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such connection")
      return UnsafePointer(cells + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such connection")
      return cells + index
    }
  }
}

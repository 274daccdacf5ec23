/// A table of plain values in one raw buffer, bounds-checked, without reference counts: what a hot loop indexes.
///
/// An `Array` in the same place costs a uniqueness check for each write, and two reference counts where a class owns it.
@safe
struct Slab<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private(set) var count: Int

  init(repeating element: Element, count: Int) {
    unsafe base = .allocate(capacity: max(count, 1))
    unsafe base.initialize(repeating: element, count: count)
    self.count = count
  }

  deinit { unsafe base.deallocate() }

  subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return unsafe UnsafePointer(base + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return unsafe base + index
    }
  }

  /// Makes room for `count` elements in all; those added hold `element`.
  @inline(never)
  mutating func grow(to count: Int, with element: Element) {
    guard count > self.count else { return }
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: count)
    unsafe larger.initialize(from: base, count: self.count)
    unsafe (larger + self.count).initialize(repeating: element, count: count - self.count)
    unsafe base.deallocate()
    unsafe base = larger
    self.count = count
  }
}

/// A FIFO in one buffer that doubles when it is full.
package struct Ring<Element: BitwiseCopyable>: ~Copyable {
  private var slots: Slab<Element>
  private var head = 0
  package private(set) var count = 0
  private let filler: Element

  /// - Parameter filler: stands in slots that hold nothing.
  package init(filler: Element, capacity: Int = 64) {
    self.filler = filler
    var size = 1
    while size < capacity { size *= 2 }
    slots = Slab(repeating: filler, count: size)
  }

  package var isEmpty: Bool { count == 0 }

  package var first: Element? { count == 0 ? nil : slots[head] }

  package mutating func append(_ element: Element) {
    if count == slots.count { double() }
    slots[(head &+ count) & (slots.count &- 1)] = element
    count &+= 1
  }

  package mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = slots[head]
    head = (head &+ 1) & (slots.count &- 1)
    count &-= 1
    return element
  }

  package mutating func removeAll() {
    head = 0
    count = 0
  }

  private mutating func double() {
    let old = slots.count
    slots.grow(to: old * 2, with: filler)
    for index in 0..<head { slots[old + index] = slots[index] }
  }
}

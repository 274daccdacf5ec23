internal import Glibc

/// Messages to the server as bytes.
enum WireEncoding {
  static func message(_ type: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
    [UInt8(ascii: type)] + bytes(Int32(body.count + 4)) + body
  }

  static func text(_ text: String) -> [UInt8] { text.utf8 + [0] }

  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  static let sync = message("S", [])

  static func parse(_ name: String, _ sql: String) -> [UInt8] {
    message("P", text(name) + text(sql) + bytes(Int16(0)))
  }

  static func close(_ name: String) -> [UInt8] { message("C", [UInt8(ascii: "S")] + text(name)) }

  /// Bind up to its first parameter; its length is to be filled in. All parameters are text.
  static func bindHead(_ name: String, parameters: Int) -> [UInt8] {
    message("B", text("") + text(name) + bytes(Int16(0)) + bytes(Int16(truncatingIfNeeded: parameters)))
  }

  /// What follows the last parameter: results as text, and no limit to the rows.
  static let bindTail = bytes(Int16(0))
  static let execute = message("E", text("") + bytes(Int32(0)))
}

/// A message that never changes. To be deallocated by its owner.
struct WireBytes: BitwiseCopyable {
  let base: UnsafeMutableRawPointer
  let count: Int

  init(_ bytes: [UInt8]) {
    count = bytes.count
    base = .allocate(byteCount: max(count, 1), alignment: 1)
    base.copyMemory(from: bytes, byteCount: count)
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

/// Bind, Execute and Sync of one statement: all but the parameters stands in its place from the beginning.
/// To be deallocated by its owner.
///
/// Short things are copied as a block of fixed size, whatever their length: a third of what a call of memcpy costs.
struct WireRequest: BitwiseCopyable {
  private typealias Block = (UInt64, UInt64, UInt64, UInt64)
  /// How much is read and written to copy something short, so what lies behind it must be ours.
  static let block = MemoryLayout<Block>.size

  private(set) var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Where the length of Bind stands.
  private let bindLength: Int
  /// Where the first parameter begins.
  private let parameters: Int
  /// What follows the last parameter.
  private let tail: Block
  private let tailCount: Int
  /// As much of the tail as belongs to Bind.
  private let bindTail = WireEncoding.bindTail.count
  private(set) var count = 0
  /// The revision of the parameters that stand in it.
  private var revision = -1

  /// - Parameter before: messages that come before Bind.
  init(before: [UInt8], name: String, parameters count: Int) {
    let head = before + WireEncoding.bindHead(name, parameters: count)
    bindLength = before.count + 1
    parameters = head.count
    let tail = WireEncoding.bindTail + WireEncoding.execute + WireEncoding.sync
    tailCount = tail.count
    self.tail = (tail + [UInt8](repeating: 0, count: Self.block)).withUnsafeBytes { $0.loadUnaligned(as: Block.self) }
    capacity = head.count + count * (4 + Self.block) + Self.block
    base = .allocate(byteCount: capacity, alignment: 1)
    base.copyMemory(from: head, byteCount: head.count)
  }

  func deallocate() { base.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Puts the parameters of `revision` into their places, unless they stand there already.
  @inline(__always)
  mutating func encode(_ values: UnsafePointer<WireValue>, count: Int, revision: Int) {
    guard revision != self.revision else { return }
    self.revision = revision
    var cursor = base + parameters
    for index in 0..<count {
      let value = values[index]
      cursor = place(value, at: cursor)
    }
    cursor.storeBytes(of: tail, as: Block.self)
    let bind = (cursor - base) &+ bindTail &- bindLength
    (base + bindLength).storeBytes(of: Int32(truncatingIfNeeded: bind).bigEndian, as: Int32.self)
    self.count = (cursor - base) &+ tailCount
  }

  /// Returns where the next one begins.
  @inline(__always)
  private func place(_ value: WireValue, at cursor: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    precondition(cursor + (4 &+ value.count &+ Self.block) <= base + capacity, "no room for the parameter")
    cursor.storeBytes(of: Int32(truncatingIfNeeded: value.count).bigEndian, as: Int32.self)
    if value.count <= Self.block {
      (cursor + 4).storeBytes(of: UnsafeRawPointer(value.base).loadUnaligned(as: Block.self), as: Block.self)
    } else {
      (cursor + 4).copyMemory(from: value.base, byteCount: value.count)
    }
    return cursor + (4 &+ value.count)
  }

  /// Makes room for values that are longer than a number.
  mutating func reserve(_ values: UnsafePointer<WireValue>, count: Int) {
    let size = (0..<count).reduce(parameters + Self.block) { $0 + 4 + max(values[$1].count, Self.block) }
    guard size > capacity else { return }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 1)
    larger.copyMemory(from: base, byteCount: parameters)
    base.deallocate()
    base = larger
    capacity = size
  }
}

/// A parameter's text, without its end. `WireRequest.block` bytes can be read from its beginning.
struct WireValue: BitwiseCopyable {
  var base: UnsafePointer<CChar>
  var count: Int
}

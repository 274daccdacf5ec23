/// The parts of a request: literal texts and values between them.
///
/// An object, so that an entry of `HTTPRequests` can hold it beside its pointers.
final class RequestParts: Sendable {
  enum Part: Hashable, Sendable {
    case literal([UInt8])
    case slot(Int)
    /// Percent-encoded.
    case pathSlot(Int)
    /// The number of bytes of the body.
    case length
  }

  let method: String
  let target: [Part]
  let headers: [[Part]]
  let body: [Part]?
  /// The whole of it.
  let message: [Part]

  init(_ template: HTTPRequestTemplate) {
    method = template.method
    target = Self.parts(template.path, isPath: true)
    headers = template.headers.map { header in
      Self.merged([.literal(Array("\(header.name): ".utf8))] + Self.parts(header.value))
    }
    body = template.body.map { Self.parts($0) }
    message = Self.message(method, target, headers, body)
  }

  private static func message(_ method: String, _ target: [Part], _ headers: [[Part]], _ body: [Part]?) -> [Part] {
    let lineEnd = Part.literal([13, 10])
    var message = [Part.literal(Array("\(method) ".utf8))] + target + [.literal(Array(" HTTP/1.1\r\n".utf8))]
    for header in headers { message += header + [lineEnd] }
    if let length = length(method, body) { message += [.literal(Array("Content-Length: ".utf8)), length, lineEnd] }
    return merged(message + [lineEnd] + (body ?? []))
  }

  /// Known beforehand where the body has no slots. Methods that are meant to have a body say that theirs is empty.
  private static func length(_ method: String, _ body: [Part]?) -> Part? {
    guard let body else { return ["POST", "PUT", "PATCH"].contains(method) ? .literal([UInt8(ascii: "0")]) : nil }
    var count = 0
    for part in body {
      guard case .literal(let bytes) = part else { return .length }
      count += bytes.count
    }
    return .literal(Array("\(count)".utf8))
  }

  private static func parts(_ pieces: [HTTPRequestTemplate.Piece], isPath: Bool = false) -> [Part] {
    merged(
      pieces.map { piece in
        switch piece {
        case .text(let text): .literal(Array(text.utf8))
        case .slot(let slot): isPath ? .pathSlot(slot) : .slot(slot)
        }
      })
  }

  private static func merged(_ parts: [Part]) -> [Part] {
    parts.reduce(into: []) { whole, part in
      if case .literal(let bytes) = part, case .literal(let before)? = whole.last {
        whole[whole.count - 1] = .literal(before + bytes)
      } else {
        whole.append(part)
      }
    }
  }
}

/// A request as bytes: all up to the first value stands in its place from the beginning. To be deallocated by its owner.
struct RequestMessage: BitwiseCopyable {
  private struct Part: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable { case literal, slot, pathSlot, length }
    var kind: Kind
    var slot: Int
    var base: UnsafeMutablePointer<UInt8>?
    var count: Int
  }

  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var count = 0
  /// The literal that it begins with, up to the first value.
  private let head: Int
  /// What comes behind the head, and where of it the body begins.
  private let parts: UnsafeMutablePointer<Part>
  private let partCount: Int
  private let bodyBegin: Int
  /// The revision of the values that stand in it.
  private var revision = -1

  init(_ source: RequestParts) {
    var message = source.message[...]
    var headBytes: [UInt8] = []
    if case .literal(let bytes)? = message.first {
      headBytes = bytes
      message.removeFirst()
    }
    head = headBytes.count
    partCount = message.count
    parts = .allocate(capacity: max(partCount, 1))
    var literals = 0
    for (index, part) in message.enumerated() {
      (parts + index).initialize(to: Self.part(part))
      literals += parts[index].kind == .literal ? parts[index].count : 0
    }
    // The length is known to lie before the body, and its literal ends with the empty line.
    bodyBegin = (message.firstIndex(of: .length).map { $0 - message.startIndex } ?? partCount) + 1
    capacity = headBytes.count + literals + 36 * partCount
    base = .allocate(byteCount: max(capacity, 1), alignment: 8)
    base.copyMemory(from: headBytes, byteCount: headBytes.count)
  }

  private static func part(_ part: RequestParts.Part) -> Part {
    switch part {
    case .slot(let slot): return Part(kind: .slot, slot: slot, base: nil, count: 0)
    case .pathSlot(let slot): return Part(kind: .pathSlot, slot: slot, base: nil, count: 0)
    case .length: return Part(kind: .length, slot: 0, base: nil, count: 0)
    case .literal(let bytes):
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
      copy.initialize(from: bytes, count: bytes.count)
      return Part(kind: .literal, slot: 0, base: copy, count: bytes.count)
    }
  }

  func deallocate() {
    for index in 0..<partCount { parts[index].base?.deallocate() }
    parts.deallocate()
    base.deallocate()
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Puts the values of `revision` into their places, unless they stand there already.
  @inline(__always)
  mutating func encode(
    _ values: UnsafePointer<RequestValue>, _ pathValues: UnsafePointer<RequestValue>, revision: Int
  ) {
    guard revision != self.revision else { return }
    self.revision = revision
    write(values, pathValues)
  }

  private mutating func write(_ values: UnsafePointer<RequestValue>, _ pathValues: UnsafePointer<RequestValue>) {
    var end = head
    var body = 0
    for index in 0..<partCount {
      let size = size(parts[index], values, pathValues)
      end &+= size
      // What stands before the empty line's end in the first literal behind the length is no body.
      if index >= bodyBegin { body &+= index == bodyBegin ? size &- 4 : size }
    }
    if end > capacity { grow(to: end) }
    var cursor = base + head
    for index in 0..<partCount {
      let part = parts[index]
      switch part.kind {
      case .literal: append(UnsafePointer(part.base), part.count, &cursor)
      case .slot: append(values[part.slot].base, values[part.slot].count, &cursor)
      case .pathSlot: append(pathValues[part.slot].base, pathValues[part.slot].count, &cursor)
      case .length: appendDecimal(body, &cursor)
      }
    }
    count = cursor - base
  }

  @inline(__always)
  private func size(
    _ part: Part, _ values: UnsafePointer<RequestValue>, _ pathValues: UnsafePointer<RequestValue>
  ) -> Int {
    switch part.kind {
    case .literal: part.count
    case .slot: values[part.slot].count
    case .pathSlot: pathValues[part.slot].count
    case .length: 20
    }
  }

  @inline(__always)
  private func append(_ source: UnsafePointer<UInt8>?, _ count: Int, _ cursor: inout UnsafeMutableRawPointer) {
    guard let source, count > 0 else { return }
    cursor.copyMemory(from: source, byteCount: count)
    cursor += count
  }

  private func appendDecimal(_ value: Int, _ cursor: inout UnsafeMutableRawPointer) {
    var divisor = 1
    while value / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      cursor.storeBytes(of: UInt8(48 + value / divisor % 10), as: UInt8.self)
      cursor += 1
      divisor /= 10
    }
  }

  private mutating func grow(to size: Int) {
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
    larger.copyMemory(from: base, byteCount: head)
    base.deallocate()
    base = larger
    capacity = size
  }
}

internal import Glibc

/// The requests of a load with room for their values, laid out as they go over the wire.
///
/// One owner, one thread. A slot's value stays until it is set again; `HTTPConnection.send` copies it out.
package struct HTTPRequests: ~Copyable {
  struct Entry {
    let slots: Int
    /// For each slot: room for numbers, or the copy of a text; and the text as a path has it.
    let buffers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>>
    let pathBuffers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>>
    let values: UnsafeMutablePointer<RequestValue>
    let pathValues: UnsafeMutablePointer<RequestValue>
    let places: UnsafeMutablePointer<SlotPlaces>
    /// Counts how often a slot was set.
    var revision = 0
    var message: RequestMessage
    let parts: Unmanaged<RequestParts>

    @inline(__always)
    mutating func encode() -> UnsafeRawBufferPointer {
      message.encode(values, pathValues, revision: revision)
      return message.bytes
    }

    @inline(__always)
    mutating func set(_ slot: Int, _ value: RequestValue, path: RequestValue) {
      values[slot] = value
      pathValues[slot] = path
      revision &+= 1
    }
  }
  /// The longest number: a sign, 19 digits, a point, 9 decimals, or a shortest-form double.
  private static let numberRoom = 32

  /// First: after a number the compiler (6.3.1) breaks off when it builds for the Thread Sanitizer.
  let entries: UnsafeMutablePointer<Entry>
  package let count: Int
  /// For `HTTPConnectionAttempt` and `CurlTransfers`: what is expected of the answers.
  package let session: HTTPSession
  /// The digits of 00 to 99, as they lie in memory.
  private let pairs: UnsafeMutablePointer<UInt16>

  /// - Parameters:
  ///   - host: for `Host`, as `HTTPServer.hostHeader` has it.
  ///   - userAgent: such as `poolops/1.0`.
  ///   - headers: of every request, before its own.
  package init(
    _ templates: [HTTPRequestTemplate], host: String, userAgent: String,
    headers: [HTTPRequestTemplate.Header] = []
  ) throws(HTTPFault) {
    let templates = templates.map { template in
      var whole = template
      whole.headers = Self.headers([.init("Host", host), .init("User-Agent", userAgent)], headers, template.headers)
      return whole
    }
    if let fault = templates.lazy.compactMap(\.fault).first { throw fault }
    count = templates.count
    session = HTTPSession(templates.map(ResponseExpectation.init))
    entries = .allocate(capacity: max(count, 1))
    pairs = .allocate(capacity: 100)
    for value in 0..<100 {
      (pairs + value).initialize(to: UInt16(littleEndian: UInt16(48 + value % 10) << 8 | UInt16(48 + value / 10)))
    }
    for (index, template) in templates.enumerated() { (entries + index).initialize(to: Self.entry(template)) }
  }

  deinit {
    for index in 0..<count {
      let entry = entries[index]
      for slot in 0..<entry.slots {
        entry.buffers[slot].deallocate()
        entry.pathBuffers[slot].deallocate()
      }
      entry.buffers.deallocate()
      entry.pathBuffers.deallocate()
      entry.values.deallocate()
      entry.pathValues.deallocate()
      entry.places.deallocate()
      entry.message.deallocate()
      entry.parts.release()
    }
    entries.deallocate()
    pairs.deallocate()
  }

  /// Later ones take the place of earlier ones of the same name.
  private static func headers(_ lists: [HTTPRequestTemplate.Header]...) -> [HTTPRequestTemplate.Header] {
    lists.reduce(into: []) { whole, list in
      whole.removeAll { header in list.contains { $0.name.lowercased() == header.name.lowercased() } }
      whole += list
    }
  }

  private static func entry(_ template: HTTPRequestTemplate) -> Entry {
    let slots = template.slots
    let room = max(slots, 1)
    let buffers = UnsafeMutablePointer<UnsafeMutablePointer<UInt8>>.allocate(capacity: room)
    let pathBuffers = UnsafeMutablePointer<UnsafeMutablePointer<UInt8>>.allocate(capacity: room)
    let values = UnsafeMutablePointer<RequestValue>.allocate(capacity: room)
    let pathValues = UnsafeMutablePointer<RequestValue>.allocate(capacity: room)
    let places = UnsafeMutablePointer<SlotPlaces>.allocate(capacity: room)
    places.initialize(repeating: SlotPlaces(), count: room)
    for slot in 0..<slots {
      (buffers + slot).initialize(to: copy(of: [], room: numberRoom))
      (pathBuffers + slot).initialize(to: copy(of: [], room: 1))
      (values + slot).initialize(to: RequestValue(base: buffers[slot], count: 0))
      (pathValues + slot).initialize(to: RequestValue(base: buffers[slot], count: 0))
    }
    for case .slot(let slot) in template.path { places[slot].hasPath = true }
    for case .slot(let slot) in template.headers.flatMap(\.value) { places[slot].hasHeader = true }
    let parts = RequestParts(template)
    return Entry(
      slots: slots, buffers: buffers, pathBuffers: pathBuffers, values: values, pathValues: pathValues, places: places,
      message: RequestMessage(parts), parts: Unmanaged.passRetained(parts))
  }

  private borrowing func check(_ request: Int, _ slot: Int) {
    precondition(request >= 0 && request < count && slot >= 0 && slot < entries[request].slots, "no such slot")
  }

  /// Throws when the slot stands in a header or a path, and the text would end the line.
  package mutating func set(_ request: Int, _ slot: Int, text: String) throws(HTTPFault) {
    check(request, slot)
    let places = entries[request].places[slot]
    if places.hasPath || places.hasHeader, !text.utf8.allSatisfy(isFieldByte) {
      throw .invalid("a value for a header or a path has a line break or a NUL")
    }
    let (bytes, encoded) = (Array(text.utf8), places.hasPath ? percentEncoded(text) : [])
    entries[request].buffers[slot].deallocate()
    entries[request].pathBuffers[slot].deallocate()
    let buffer = Self.copy(of: bytes, room: Self.numberRoom)
    let pathBuffer = Self.copy(of: encoded, room: 1)
    entries[request].buffers[slot] = buffer
    entries[request].pathBuffers[slot] = pathBuffer
    entries[request].set(
      slot, RequestValue(base: buffer, count: bytes.count), path: RequestValue(base: pathBuffer, count: encoded.count))
  }

  package mutating func set(_ request: Int, _ slot: Int, integer: Int64) {
    check(request, slot)
    let end = entries[request].buffers[slot] + Self.numberRoom
    setNumber(request, slot, from: write(integer, before: end), to: end)
  }

  /// With nine decimals, so that seconds keep their nanoseconds.
  package mutating func set(_ request: Int, _ slot: Int, decimal: Double) {
    check(request, slot)
    guard decimal.magnitude < 9e9 else { return setShortest(request, slot, decimal) }
    let end = entries[request].buffers[slot] + Self.numberRoom
    let billionths = Int64((decimal.magnitude * 1e9).rounded())
    var cursor = write(billionths % 1_000_000_000 + 1_000_000_000, before: end)
    // The leading 1 kept the zeros of the decimals; the point takes its place.
    cursor.pointee = UInt8(ascii: ".")
    cursor = write(billionths / 1_000_000_000, before: cursor)
    if decimal < 0 {
      cursor -= 1
      cursor.pointee = UInt8(ascii: "-")
    }
    setNumber(request, slot, from: cursor, to: end)
  }

  /// Its only character that a path must encode is the plus of an exponent, which has no meaning there.
  private mutating func setShortest(_ request: Int, _ slot: Int, _ value: Double) {
    let buffer = entries[request].buffers[slot]
    var count = 0
    for byte in "\(value)".utf8 where byte != UInt8(ascii: "+") {
      buffer[count] = byte
      count += 1
    }
    setNumber(request, slot, from: buffer, to: buffer + count)
  }

  /// Digits, sign and point are the same in a path.
  @inline(__always)
  private mutating func setNumber(
    _ request: Int, _ slot: Int, from begin: UnsafeMutablePointer<UInt8>, to end: UnsafeMutablePointer<UInt8>
  ) {
    let value = RequestValue(base: begin, count: end - begin)
    entries[request].set(slot, value, path: value)
  }

  /// Writes the digits so that they end just before `end`, two at a time; returns where they begin.
  @inline(__always)
  private borrowing func write(
    _ value: Int64, before end: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var cursor = end
    var rest = value.magnitude
    while rest >= 100 {
      cursor -= 2
      UnsafeMutableRawPointer(cursor).storeBytes(of: pairs[Int(rest % 100)], as: UInt16.self)
      rest /= 100
    }
    cursor -= 2
    UnsafeMutableRawPointer(cursor).storeBytes(of: pairs[Int(rest)], as: UInt16.self)
    if rest < 10 { cursor += 1 }
    if value < 0 {
      cursor -= 1
      cursor.pointee = UInt8(ascii: "-")
    }
    return cursor
  }

  private static func copy(of bytes: [UInt8], room: Int) -> UnsafeMutablePointer<UInt8> {
    let count = max(bytes.count, room)
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    copy.initialize(repeating: 0, count: count)
    copy.update(from: bytes, count: bytes.count)
    return copy
  }

  /// As it goes over the wire now.
  borrowing func bytes(of request: Int) -> [UInt8] { Array(entries[request].encode()) }
}

/// Where the value of a slot stands: in a path it is encoded, and in neither may it end a line.
struct SlotPlaces: BitwiseCopyable {
  var hasPath = false
  var hasHeader = false
}

/// A value, where it lies.
struct RequestValue: BitwiseCopyable {
  var base: UnsafePointer<UInt8>
  var count: Int

  init(base: UnsafeMutablePointer<UInt8>, count: Int) {
    self.base = UnsafePointer(base)
    self.count = count
  }
}

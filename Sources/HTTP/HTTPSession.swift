internal import Glibc

/// What the connections of one thread have in common: what is expected of the answers, and the room that they are read into.
///
/// Unchecked, because its room is written to without a lock: connections of one `HTTPRequests` are read by one thread. Connecting
/// may go on elsewhere, since that reads nothing.
package final class HTTPSession: @unchecked Sendable {
  /// What a line of a head may need, and a read of as much again.
  static let inputSize = 2 * ResponseParser.headLimit

  let expectations: [ResponseExpectation]
  /// The part of each that every answer needs.
  let checks: UnsafeMutablePointer<ResponseCheck>
  let count: Int
  let input: UnsafeMutableRawPointer
  let memory: UnsafeMutablePointer<HeadMemory>

  init(_ expectations: [ResponseExpectation]) {
    self.expectations = expectations
    count = expectations.count
    checks = .allocate(capacity: max(count, 1))
    for (index, expectation) in expectations.enumerated() {
      (checks + index).initialize(to: ResponseCheck(expectation))
    }
    memory = .allocate(capacity: 1)
    memory.initialize(to: HeadMemory())
    input = .allocate(byteCount: Self.inputSize + ResponseParser.slack, alignment: 16)
    input.initializeMemory(as: UInt8.self, repeating: 0, count: Self.inputSize + ResponseParser.slack)
  }

  deinit {
    checks.deallocate()
    input.deallocate()
    memory.pointee.deallocate()
    memory.deallocate()
  }
}

/// The last head that was read, and what it said: a server says nearly always the same, byte for byte, and its clock ticks once a second.
/// To be deallocated by its owner.
struct HeadMemory: BitwiseCopyable {
  private static let room = 1024

  private(set) var head = ResponseParser.Head()
  private(set) var count = 0
  private let bytes: UnsafeMutableRawPointer

  init() { bytes = .allocate(byteCount: Self.room, alignment: 16) }

  func deallocate() { bytes.deallocate() }

  /// Whether the answer begins with this very head.
  @inline(__always)
  func isBeginning(of answer: UnsafeRawPointer, _ length: Int) -> Bool {
    count > 0 && length >= count && memcmp(answer, bytes, count) == 0
  }

  mutating func keep(_ parser: ResponseParser, _ answer: UnsafeRawPointer) {
    guard parser.headLength > 0, parser.headLength <= Self.room else { return }
    head = parser.head
    count = parser.headLength
    bytes.copyMemory(from: answer, byteCount: count)
  }
}

/// What each answer is measured by, as far as no memory is needed for it.
struct ResponseCheck: BitwiseCopyable {
  let isHead: Bool
  let wantsHeaders: Bool
  let wantsBody: Bool
  private let lowest: Int
  private let highest: Int
  /// Else the statuses have gaps, and the expectation itself is asked.
  let isRange: Bool

  init(_ expectation: ResponseExpectation) {
    isHead = expectation.isHead
    wantsHeaders = expectation.wantsHeaders
    wantsBody = expectation.wantsBody
    lowest = expectation.statuses.min() ?? 200
    highest = expectation.statuses.max() ?? 399
    isRange = expectation.statuses.isEmpty || expectation.statuses.count == highest - lowest + 1
  }

  /// Whether nothing more is to be looked at.
  @inline(__always)
  func accepts(_ status: Int) -> Bool {
    isRange && status >= lowest && status <= highest && !wantsHeaders && !wantsBody
  }
}

/// What an answer must be, and what of it is kept.
struct ResponseExpectation: Hashable, Sendable {
  /// Of a body; what is beyond this is not looked at.
  static let bodyRoom = 1 << 20

  let isHead: Bool
  /// Empty: 200 to 399.
  let statuses: Set<Int>
  let bodyContains: [UInt8]?
  let captures: [HTTPRequestTemplate.Capture]
  /// In lower case, for the captures of headers.
  private let headerNames: [[UInt8]?]

  init(_ template: HTTPRequestTemplate) {
    isHead = template.method == "HEAD"
    statuses = Set(template.statuses)
    bodyContains = template.bodyContains.map { Array($0.utf8) }
    captures = template.captures
    headerNames = captures.map { capture in
      if case .header(let name) = capture { name.utf8.map(lowercased) } else { nil }
    }
  }

  var wantsHeaders: Bool { headerNames.contains { $0 != nil } }

  var wantsBody: Bool { bodyContains != nil || headerNames.contains { $0 == nil } }

  func accepts(_ status: Int) -> Bool { statuses.isEmpty ? 200...399 ~= status : statuses.contains(status) }

  /// What is wrong with the answer; nil when nothing is, and then `kept.values` are the captures'.
  func judge(_ status: Int, _ kept: inout KeptResponse) -> HTTPFault? {
    if !accepts(status) { return HTTPFault(code: .status(status), message: "the status is \(status)") }
    let limit = kept.isCut ? " in its first MiB" : ""
    if let text = bodyContains, !contains(kept.body, text) {
      let wanted = String(decoding: text, as: UTF8.self)
      return HTTPFault(code: .unexpectedBody, message: oneLine("the body does not contain '\(wanted)'\(limit)"))
    }
    for (index, capture) in captures.enumerated() {
      switch capture {
      case .header(let name):
        if kept.values[index] == nil {
          return HTTPFault(code: .valueMissing, message: "the answer has no header \(name)")
        }
      case .json(let capture):
        guard let value = capture.value(in: kept.body) else {
          let reason = kept.isCut ? "the body is larger than a MiB" : "the body has no value at \(capture.text)"
          return HTTPFault(code: .valueMissing, message: oneLine(reason))
        }
        kept.values[index] = value
      }
    }
    return nil
  }

  /// Keeps the value where a capture asks for this header; the first one counts.
  func note(_ name: some Collection<UInt8>, _ value: some Collection<UInt8>, _ kept: inout KeptResponse) {
    for (index, wanted) in headerNames.enumerated() where kept.values[index] == nil {
      guard let wanted, wanted.count == name.count, name.lazy.map(lowercased).elementsEqual(wanted) else { continue }
      kept.values[index] = String(decoding: value, as: UTF8.self)
    }
  }
}

/// What is kept of an answer until it is judged.
struct KeptResponse: Sendable {
  var body: [UInt8] = []
  /// Whether the body was longer than what is kept.
  var isCut = false
  /// Of the captures.
  var values: [String?] = []

  mutating func begin(_ captures: Int) {
    // A large body is not kept for its room.
    body.count > 65_536 ? body = [] : body.removeAll(keepingCapacity: true)
    isCut = false
    values = Array(repeating: nil, count: captures)
  }

  mutating func add(_ part: UnsafeRawBufferPointer) {
    let room = ResponseExpectation.bodyRoom - body.count
    body.append(contentsOf: part.prefix(room))
    if part.count > room { isCut = true }
  }
}

func contains(_ body: [UInt8], _ text: [UInt8]) -> Bool {
  guard let first = text.first else { return true }
  return body.withUnsafeBytes { body in
    guard let base = body.baseAddress else { return false }
    var place = 0
    while place + text.count <= body.count,
      let hit = memchr(base + place, Int32(first), body.count - text.count + 1 - place)
    {
      if memcmp(hit, text, text.count) == 0 { return true }
      place = UnsafeRawPointer(hit) - base + 1
    }
    return false
  }
}

/// The same text without line breaks.
func oneLine(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
}

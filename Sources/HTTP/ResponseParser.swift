/// Why bytes are no response. Decided by the first byte that makes it so, whatever comes behind.
package enum ResponseProblem: UInt8, BitwiseCopyable, Hashable, Sendable {
  case notHTTP
  case statusLine
  case protocolSwitch
  case controlCharacter
  case lineEnd
  case fieldName
  case foldedLine
  case headTooLong
  case contentLength
  case repeatedContentLength
  case transferEncoding
  case twoLengths
  case chunkSize
  case chunkEnd
  case chunkLineTooLong

  /// Continues "the response ".
  var sentence: String {
    switch self {
    case .notHTTP: "does not begin with HTTP/1.1 or HTTP/1.0"
    case .statusLine: "has a first line without a status of three digits"
    case .protocolSwitch: "switches to another protocol (status 101), which nobody asked for"
    case .controlCharacter: "has a control character in its head"
    case .lineEnd: "has a line of its head that ends with a lone carriage return or line feed"
    case .fieldName: "has a header whose name is empty or not followed by a colon"
    case .foldedLine: "has a header that goes on in the next line"
    case .headTooLong: "has more than \(ResponseParser.headLimit) bytes of headers"
    case .contentLength: "has a Content-Length that is no number of bytes"
    case .repeatedContentLength: "has more than one Content-Length"
    case .transferEncoding: "has a Transfer-Encoding other than 'chunked' alone, in HTTP/1.1"
    case .twoLengths: "has both a Content-Length and a Transfer-Encoding"
    case .chunkSize: "has a chunk whose size is no hexadecimal number"
    case .chunkEnd: "has a chunk that does not end where its size says"
    case .chunkLineTooLong: "has a chunk size line of more than \(ResponseParser.chunkLineLimit) bytes"
    }
  }
}

package enum ResponseEvent: BitwiseCopyable, Hashable, Sendable {
  /// The rest is not there yet: bring the bytes from the cursor on again, with more behind them.
  case more
  /// A header of the final response; `name` and `value` are where it stands. Only where headers are wanted.
  case header
  /// A part of the body, chunks taken apart; `part` is where it stands. Only where the body is wanted.
  case body
  /// The response has ended at the cursor.
  case over
  case impossible(ResponseProblem)
}

/// Takes in the bytes of one HTTP/1.1 or 1.0 response after the other: strict where leniency would let two readers see two things.
///
/// Interim responses are skipped. Of a head, only the line that is not whole yet must be brought again; of a body, nothing.
/// `ResponseParser.slack` bytes behind those given must be readable, whatever they hold.
package struct ResponseParser: BitwiseCopyable {
  package static let slack = 8
  /// Of all lines before the body, interim responses and trailers included.
  package static let headLimit = 65_536
  static let chunkLineLimit = 4_096

  private enum Place: UInt8, BitwiseCopyable {
    /// To `fields`.
    case statusLine
    /// Header lines. To `statusLine` after an interim response, to a body, or to `over`.
    case fields
    /// Content-Length. To `over`.
    case counted
    /// To `chunk`, or to `trailers` after the last one.
    case chunkSize
    /// The bytes of a chunk. To `chunkEnd`.
    case chunk
    /// CRLF. To `chunkSize`.
    case chunkEnd
    /// To `over`.
    case trailers
    /// The body ends with the connection.
    case untilClose
    case over
  }

  fileprivate enum Length: UInt8, BitwiseCopyable {
    case unsaid
    case counted
    case chunked
  }

  /// What a head says of what follows it.
  struct Head: BitwiseCopyable {
    fileprivate var isOld = false
    fileprivate var status = 0
    fileprivate var length = Length.unsaid
    /// Content-Length.
    fileprivate var count = 0
    fileprivate var saysClose = false
    fileprivate var saysKeepAlive = false
  }

  private var place = Place.over
  private var isHead = false
  private var wantsHeaders = false
  private var wantsBody = false
  private(set) var head = Head()
  /// How long the head was that came first of all; 0 while it is not whole, -1 when an interim response came before it.
  private(set) var headLength = 0
  /// Bytes of the body, or of the chunk, that are still to come.
  private var left = 0
  /// Bytes of whole lines so far.
  private var headBytes = 0
  private var nameBegin = 0
  private var nameEnd = 0
  private var valueBegin = 0
  private var valueEnd = 0

  package init() {}

  /// The next bytes are the answer to a new request.
  /// - Parameter isHead: the request was HEAD, whose answer has no body.
  @inline(__always)
  package mutating func begin(isHead: Bool, wantsHeaders: Bool, wantsBody: Bool) {
    self.isHead = isHead
    self.wantsHeaders = wantsHeaders
    self.wantsBody = wantsBody
    headBytes = 0
    headLength = 0
    place = .statusLine
  }

  /// The answer begins with `length` bytes that are known to be this head.
  @inline(__always)
  mutating func recall(_ head: Head, length: Int) {
    self.head = head
    headBytes = length
    _ = endHead()
  }

  /// Of the last `header`, in the bytes that were brought.
  package var name: Range<Int> { nameBegin..<nameEnd }
  package var value: Range<Int> { valueBegin..<valueEnd }

  /// Of the last `body`.
  package var part: Range<Int> { valueBegin..<valueEnd }

  /// Whether the head of the final response is complete.
  var hasHead: Bool { place.rawValue > Place.fields.rawValue }

  package var status: Int { head.status }

  /// Whether the connection may carry another request once the response is over.
  @inline(__always)
  package var isPersistent: Bool { place != .untilClose && !head.saysClose && (!head.isOld || head.saysKeepAlive) }

  /// Whether the response is whole when the server ends the connection now.
  package var endsWithConnection: Bool { place == .untilClose || place == .over }

  @inline(__always)
  package mutating func next(_ bytes: UnsafeRawBufferPointer, _ cursor: inout Int) -> ResponseEvent {
    guard let base = bytes.baseAddress else { return .more }
    let text = ResponseText(base: base, count: bytes.count)
    while true {
      let event: ResponseEvent?
      switch place {
      case .statusLine: event = takeStatusLine(text, &cursor)
      case .fields: event = takeFields(text, &cursor)
      case .counted: event = takeCounted(text, &cursor)
      case .chunkSize: event = takeChunkSize(text, &cursor)
      case .chunk: event = takeChunk(text, &cursor)
      case .chunkEnd: event = takeChunkEnd(text, &cursor)
      case .trailers: event = takeTrailer(text, &cursor)
      case .untilClose: event = takeRest(text, &cursor)
      case .over: return .over
      }
      if let event { return event }
    }
  }

  // MARK: Lines

  private enum LineEnd: BitwiseCopyable {
    case more
    case at(Int)
    case impossible(ResponseProblem)
  }

  /// Where the line's CRLF stands, looked for from `from` on. `begin` is the line's own.
  @inline(__always)
  private func lineEnd(_ text: ResponseText, begin: Int, from: Int) -> LineEnd {
    let stop = text.control(from: from, to: text.count)
    if stop &+ 1 < text.count, text.isLineEnd(stop) {
      return headBytes &+ (stop &+ 2 &- begin) <= Self.headLimit ? .at(stop) : .impossible(.headTooLong)
    }
    return unusualEnd(text, begin: begin, stop: stop)
  }

  @inline(never)
  private func unusualEnd(_ text: ResponseText, begin: Int, stop: Int) -> LineEnd {
    let room = Self.headLimit - headBytes
    if stop - begin >= room { return .impossible(.headTooLong) }
    if stop >= text.count { return .more }
    switch text[stop] {
    case UInt8(ascii: "\n"): return .impossible(.lineEnd)
    case UInt8(ascii: "\r"):
      if stop + 1 - begin >= room { return .impossible(.headTooLong) }
      return stop + 1 < text.count ? .impossible(.lineEnd) : .more
    default: return .impossible(.controlCharacter)
    }
  }

  @inline(__always)
  private mutating func takeStatusLine(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    let begin = cursor
    guard text.count &- begin >= 13 else { return beginning(text, begin) }
    switch text.word(begin) {
    case Self.http11: head = Head()
    case Self.http10: head = Head(isOld: true)
    default: return .impossible(.notHTTP)
    }
    guard let status = text.status(begin) else { return .impossible(.statusLine) }
    switch lineEnd(text, begin: begin, from: begin &+ 12) {
    case .more: return .more
    case .impossible(let problem): return .impossible(problem)
    case .at(let end):
      head.status = status
      finishLine(from: begin, end: end, &cursor)
      place = .fields
      return status == 101 ? .impossible(.protocolSwitch) : nil
    }
  }

  /// Fewer bytes than the shortest status line has: what is wrong already is told already.
  private func beginning(_ text: ResponseText, _ begin: Int) -> ResponseEvent {
    let count = text.count - begin
    for offset in 0..<min(count, 8) {
      let byte = text[begin + offset]
      let isRight = offset == 7 ? byte == UInt8(ascii: "1") || byte == UInt8(ascii: "0") : byte == Self.version[offset]
      if !isRight { return .impossible(.notHTTP) }
    }
    for offset in 8..<max(min(count, 12), 8) {
      let byte = text[begin + offset]
      let isRight = offset == 8 ? byte == UInt8(ascii: " ") : isDigit(byte) && (offset > 9 || byte != UInt8(ascii: "0"))
      if !isRight { return .impossible(.statusLine) }
    }
    return .more
  }

  /// `HTTP/1.1 200` and the end of the line.
  private static let shortestLine = 14
  private static let version = Array("HTTP/1.".utf8)
  private static var http11: UInt64 { 0x312E_312F_5054_5448 }
  private static var http10: UInt64 { 0x302E_312F_5054_5448 }

  @inline(__always)
  private mutating func finishLine(from begin: Int, end: Int, _ cursor: inout Int) {
    headBytes &+= end &+ 2 &- begin
    cursor = end &+ 2
  }

  // MARK: Headers

  /// Headers, and the empty line behind them. Nil: go on.
  @inline(__always)
  private mutating func takeFields(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    if wantsHeaders, status >= 200 { return takeField(text, &cursor) }
    return skipFields(text, &cursor)
  }

  /// Lines that are as they mostly are are gone through at once; the first one that is not is left to `takeField`.
  @inline(__always)
  private mutating func skipFields(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    let first = cursor
    let end = min(text.count, first &+ (Self.headLimit &- headBytes))
    var begin = first
    while begin &+ 1 < end {
      if text.isLineEnd(begin) {
        finishLine(from: first, end: begin, &cursor)
        return endHead()
      }
      let colon = text.nameEnd(from: begin, to: end)
      if colon >= end || text[colon] != UInt8(ascii: ":") || colon == begin { break }
      let stop = text.control(from: colon &+ 1, to: end)
      if stop &+ 1 >= end || !text.isLineEnd(stop) { break }
      let count = colon &- begin
      if count == 14 || count == 10 || count == 17, let problem = note(text, begin, colon, stop) {
        return .impossible(problem)
      }
      begin = stop &+ 2
    }
    if begin > first { finishLine(from: first, end: begin &- 2, &cursor) }
    return takeField(text, &cursor)
  }

  /// One header, or the empty line behind them. Nil: go on.
  @inline(never)
  private mutating func takeField(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    let begin = cursor
    let colon = text.nameEnd(from: begin, to: text.count)
    guard colon < text.count, text[colon] == UInt8(ascii: ":"), colon > begin,
      headBytes + (colon - begin) < Self.headLimit
    else { return takeEmptyLine(text, &cursor, stop: colon) }
    switch lineEnd(text, begin: begin, from: colon + 1) {
    case .more: return .more
    case .impossible(let problem): return .impossible(problem)
    case .at(let end):
      finishLine(from: begin, end: end, &cursor)
      if let problem = note(text, begin, colon, end) { return .impossible(problem) }
      guard wantsHeaders, status >= 200 else { return nil }
      (nameBegin, nameEnd) = (begin, colon)
      let value = text.trimmed(colon + 1, end)
      (valueBegin, valueEnd) = (value.lowerBound, value.upperBound)
      return .header
    }
  }

  /// The line has no colon behind a name at `stop`.
  private mutating func takeEmptyLine(_ text: ResponseText, _ cursor: inout Int, stop: Int) -> ResponseEvent? {
    switch emptyLine(text, cursor, stop: stop) {
    case .more: return .more
    case .impossible(let problem): return .impossible(problem)
    case .at(let end): finishLine(from: cursor, end: end, &cursor)
    }
    return endHead()
  }

  private func emptyLine(_ text: ResponseText, _ begin: Int, stop: Int) -> LineEnd {
    if headBytes + (stop - begin) >= Self.headLimit { return .impossible(.headTooLong) }
    if stop >= text.count { return .more }
    let byte = text[stop]
    if stop == begin, byte == UInt8(ascii: "\r") { return lineEnd(text, begin: begin, from: begin) }
    if byte == UInt8(ascii: "\n") { return .impossible(.lineEnd) }
    if stop == begin, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { return .impossible(.foldedLine) }
    return .impossible(
      byte < 0x20 && byte != UInt8(ascii: "\r") && byte != UInt8(ascii: "\t") ? .controlCharacter : .fieldName)
  }

  /// What the three headers say that decide where a response ends.
  @inline(__always)
  private mutating func note(_ text: ResponseText, _ begin: Int, _ colon: Int, _ end: Int) -> ResponseProblem? {
    // The first and the last eight letters, in lower case: they overlap, or in Transfer-Encoding leave one out.
    guard colon &- begin >= 10 else { return nil }
    let first = text.word(begin) | 0x2020_2020_2020_2020
    let last = text.word(colon &- 8) | 0x2020_2020_2020_2020
    switch (first, last) {
    case (0x2D74_6E65_746E_6F63, 0x6874_676E_656C_2D74) where colon &- begin == 14:
      return noteContentLength(text, colon, end)
    case (0x6974_6365_6E6E_6F63, 0x6E6F_6974_6365_6E6E) where colon &- begin == 10:
      noteConnection(text, text.trimmed(colon &+ 1, end))
      return nil
    case (0x7265_6673_6E61_7274, 0x676E_6964_6F63_6E65)
    where colon &- begin == 17 && text[begin &+ 8] == UInt8(ascii: "-"):
      return noteTransferEncoding(text, text.trimmed(colon &+ 1, end))
    default: return nil
    }
  }

  @inline(__always)
  private mutating func noteContentLength(_ text: ResponseText, _ colon: Int, _ end: Int) -> ResponseProblem? {
    if head.length != .unsaid { return head.length == .counted ? .repeatedContentLength : .twoLengths }
    guard let count = text.decimal(text.trimmed(colon &+ 1, end)) else { return .contentLength }
    head.length = .counted
    head.count = count
    return nil
  }

  private mutating func noteTransferEncoding(_ text: ResponseText, _ value: Range<Int>) -> ResponseProblem? {
    if head.length == .counted { return .twoLengths }
    guard !head.isOld, head.length == .unsaid, text.has("chunked", at: value) else { return .transferEncoding }
    head.length = .chunked
    return nil
  }

  @inline(__always)
  private mutating func noteConnection(_ text: ResponseText, _ value: Range<Int>) {
    // Nearly always: keep-alive, in this case.
    if value.count == 10, text.word(value.lowerBound) == 0x696C_612D_7065_656B,
      text.word(value.lowerBound &+ 2) == 0x6576_696C_612D_7065
    {
      head.saysKeepAlive = true
    } else {
      noteOptions(text, value)
    }
  }

  private mutating func noteOptions(_ text: ResponseText, _ value: Range<Int>) {
    var begin = value.lowerBound
    for place in value.lowerBound...value.upperBound
    where place == value.upperBound || text[place] == UInt8(ascii: ",") {
      let option = text.trimmed(begin, place)
      if text.has("close", at: option) { head.saysClose = true }
      if text.has("keep-alive", at: option) { head.saysKeepAlive = true }
      begin = place + 1
    }
  }

  /// What follows the empty line.
  @inline(__always)
  private mutating func endHead() -> ResponseEvent? {
    if head.status < 200 { return endInterim() }
    if headLength == 0 { headLength = headBytes }
    if isHead || head.status == 204 || head.status == 304 { return end() }
    switch head.length {
    case .counted:
      left = head.count
      place = .counted
      return left == 0 ? end() : nil
    case .chunked: place = .chunkSize
    case .unsaid: place = .untilClose
    }
    return nil
  }

  private mutating func endInterim() -> ResponseEvent? {
    place = .statusLine
    headLength = -1
    return headBytes + Self.shortestLine > Self.headLimit ? .impossible(.headTooLong) : nil
  }

  @inline(__always)
  private mutating func end() -> ResponseEvent {
    place = .over
    return .over
  }

  // MARK: Body

  /// Moves over what is there of `left` bytes; returns how many there are.
  @inline(__always)
  private mutating func take(_ text: ResponseText, _ cursor: inout Int) -> Int {
    let step = min(left, text.count &- cursor)
    valueBegin = cursor
    cursor &+= step
    valueEnd = cursor
    left &-= step
    return step
  }

  @inline(__always)
  private mutating func takeCounted(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    if left == 0 { return end() }
    if take(text, &cursor) == 0 { return .more }
    if wantsBody { return .body }
    return left == 0 ? end() : .more
  }

  private mutating func takeRest(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    left = .max
    return take(text, &cursor) > 0 && wantsBody ? .body : .more
  }

  private mutating func takeChunk(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    let count = take(text, &cursor)
    if left == 0 { place = .chunkEnd }
    if count == 0 { return .more }
    return wantsBody ? .body : nil
  }

  private mutating func takeChunkEnd(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    if cursor < text.count, text[cursor] != UInt8(ascii: "\r") { return .impossible(.chunkEnd) }
    guard cursor + 1 < text.count else { return .more }
    guard text[cursor + 1] == UInt8(ascii: "\n") else { return .impossible(.chunkEnd) }
    cursor += 2
    place = .chunkSize
    return nil
  }

  /// Hexadecimal digits, then extensions, which mean nothing to us.
  private mutating func takeChunkSize(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    var size = 0
    var place = cursor
    let limit = min(text.count, cursor + Self.chunkLineLimit)
    while place < limit, let digit = hexadecimal(text[place]) {
      if size > Int.max >> 4 { return .impossible(.chunkSize) }
      size = size << 4 | digit
      place += 1
    }
    if place == limit {
      return limit == text.count && place < cursor + Self.chunkLineLimit ? .more : .impossible(.chunkLineTooLong)
    }
    if place == cursor { return .impossible(.chunkSize) }
    return takeChunkExtensions(text, &cursor, from: place, size: size)
  }

  private mutating func takeChunkExtensions(
    _ text: ResponseText, _ cursor: inout Int, from digitsEnd: Int, size: Int
  ) -> ResponseEvent? {
    let limit = cursor + Self.chunkLineLimit
    var begin = digitsEnd
    while begin < min(text.count, limit), isBlank(text[begin]) { begin += 1 }
    if begin < min(text.count, limit), text[begin] != UInt8(ascii: ";"), text[begin] != UInt8(ascii: "\r") {
      return .impossible(.chunkSize)
    }
    let stop = text.control(from: begin, to: text.count)
    if stop >= limit || stop + 1 >= limit && stop < text.count { return .impossible(.chunkLineTooLong) }
    if stop >= text.count { return .more }
    guard text[stop] == UInt8(ascii: "\r") else { return .impossible(.chunkSize) }
    guard stop + 1 < text.count else { return .more }
    guard text[stop + 1] == UInt8(ascii: "\n") else { return .impossible(.chunkSize) }
    cursor = stop + 2
    left = size
    place = size == 0 ? .trailers : .chunk
    return nil
  }

  private mutating func takeTrailer(_ text: ResponseText, _ cursor: inout Int) -> ResponseEvent? {
    let begin = cursor
    let colon = text.nameEnd(from: begin, to: text.count)
    let isField = colon < text.count && text[colon] == UInt8(ascii: ":") && colon > begin
    let line =
      isField && headBytes + (colon - begin) < Self.headLimit
      ? lineEnd(text, begin: begin, from: colon + 1) : emptyLine(text, begin, stop: colon)
    switch line {
    case .more: return .more
    case .impossible(let problem): return .impossible(problem)
    case .at(let end):
      finishLine(from: begin, end: end, &cursor)
      return end == begin ? self.end() : nil
    }
  }
}

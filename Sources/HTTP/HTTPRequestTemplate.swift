/// A request with places for values, and what is expected of its answer.
package struct HTTPRequestTemplate: Hashable, Sendable {
  /// A piece of a path, a header's value or a body.
  package enum Piece: Hashable, Sendable {
    case text(String)
    /// The value of this slot: percent-encoded in a path, else as it is.
    case slot(Int)
  }

  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: [Piece]
    package init(name: String, value: [Piece]) {
      self.name = name
      self.value = value
    }
    package init(_ name: String, _ value: String) { self.init(name: name, value: [.text(value)]) }
  }

  /// A value of the answer that is kept.
  package enum Capture: Hashable, Sendable {
    case header(String)
    case json(JSONCapture)
  }

  package var method: String
  /// From the first slash on, query included.
  package var path: [Piece]
  /// One that is given takes the place of `Host` or `User-Agent`, which are sent else.
  package var headers: [Header]
  /// Nil: none. `Content-Length` comes of itself.
  package var body: [Piece]?
  /// How many values it has room for.
  package var slots: Int
  /// Statuses that count as success; empty: 200 to 399.
  package var statuses: [Int]
  /// What the body must contain; nil: anything.
  package var bodyContains: String?
  package var captures: [Capture]

  package init(
    method: String = "GET", path: [Piece], headers: [Header] = [], body: [Piece]? = nil, slots: Int = 0,
    statuses: [Int] = [], bodyContains: String? = nil, captures: [Capture] = []
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.slots = slots
    self.statuses = statuses
    self.bodyContains = bodyContains
    self.captures = captures
  }

  package init(method: String = "GET", path: String, statuses: [Int] = []) {
    self.init(method: method, path: [.text(path)], statuses: statuses)
  }
}

extension HTTPRequestTemplate {
  /// Why it cannot be sent as it is; nil when it can.
  var fault: HTTPFault? {
    if method.isEmpty || !method.utf8.allSatisfy(isTokenByte) { return .invalid("the method '\(method)' is no word") }
    if method == "CONNECT" { return .invalid("the method CONNECT is none of a load") }
    guard case .text(let begin)? = path.first, begin.hasPrefix("/") else {
      return .invalid("a path begins with '/'; this is '\(text(of: path))'")
    }
    for case .text(let text) in path where !text.utf8.allSatisfy(isTargetByte) {
      return .invalid("the path '\(text)' has a character that must be percent-encoded, such as %20 for a space")
    }
    let pieces = path + headers.flatMap(\.value) + (body ?? [])
    for case .slot(let slot) in pieces where slot < 0 || slot >= slots { return .invalid("there is no slot \(slot)") }
    return headers.lazy.compactMap(\.fault).first
  }

  private func text(of pieces: [Piece]) -> String {
    pieces.map { if case .text(let text) = $0 { text } else { "{}" } }.joined()
  }
}

extension HTTPRequestTemplate.Header {
  private static let computed = ["content-length", "transfer-encoding", "upgrade", "te", "trailer"]

  fileprivate var fault: HTTPFault? {
    if name.isEmpty || !name.utf8.allSatisfy(isTokenByte) { return .invalid("the header's name '\(name)' is no word") }
    if Self.computed.contains(name.lowercased()) { return .invalid("the header \(name) is not for the load to choose") }
    for case .text(let text) in value where !text.utf8.allSatisfy(isFieldByte) {
      return .invalid("the value of the header \(name) has a line break or a NUL")
    }
    return nil
  }
}

extension HTTPFault {
  static func invalid(_ message: String) -> HTTPFault { HTTPFault(code: .invalidRequest, message: message) }
}

/// Of a method or a header's name: RFC 9110's tchar.
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}

/// Of a path and its query: visible, and not the beginning of a fragment.
func isTargetByte(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") }

/// Of a header's value, or of a text that is put into a path: nothing that ends a line or a C string.
func isFieldByte(_ byte: UInt8) -> Bool { byte != 0 && byte != UInt8(ascii: "\r") && byte != UInt8(ascii: "\n") }

/// Of RFC 3986's unreserved characters: what stands in a path as it is.
func isUnreservedByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
    UInt8(ascii: "~"):
    true
  default: false
  }
}

func percentEncoded(_ text: String) -> [UInt8] {
  let digits = Array("0123456789ABCDEF".utf8)
  var encoded: [UInt8] = []
  for byte in text.utf8 {
    if isUnreservedByte(byte) {
      encoded.append(byte)
    } else {
      encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return encoded
}

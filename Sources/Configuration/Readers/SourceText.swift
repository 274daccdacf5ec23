/// The bytes of a text file, repaired and cut into lines: what every reader starts from.
package struct SourceText: Sendable {
  /// Longer files are read so far.
  package static let longestFile = 4 << 20

  package let path: String
  /// Valid UTF-8 without a byte order mark.
  package let bytes: [UInt8]
  /// Each line without its end, LF or CR LF. A file that ends with an end of line has no empty line after it.
  package let lines: [Range<Int>]
  /// What had to be repaired.
  package private(set) var remarks: [ConfigurationFile.Remark] = []

  package init(_ given: [UInt8], path: String) {
    self.path = path
    var bytes = given
    var isCut = false
    if bytes.count > Self.longestFile {
      bytes.removeLast(bytes.count - Self.longestFile)
      if let lastEnd = bytes.lastIndex(of: .lineFeed) { bytes.removeLast(bytes.count - lastEnd - 1) }
      isCut = true
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if String(validating: bytes, as: UTF8.self) == nil {
      let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
      let line = Self.lineOfFirstDifference(bytes, repaired)
      remarks.append(.init(.notice, "a byte here is not UTF-8: it is read as U+FFFD", at: Place(path, line: line)))
      bytes = repaired
    }
    self.bytes = bytes
    lines = Self.lines(of: bytes)
    if let zero = bytes.firstIndex(of: 0) {
      remarks.append(
        .init(.fault, "a NUL byte: this is not a text file, or another encoding than UTF-8", at: place(of: zero)))
    }
    if isCut {
      let text = "the file is longer than \(Self.longestFile >> 20) MB: the rest is not read"
      remarks.append(.init(.fault, text, at: Place(path, line: max(1, lines.count))))
    }
  }

  /// From 1; the line in which the byte stands.
  package func line(of offset: Int) -> Int {
    var low = 0
    var high = lines.count
    while low < high {
      let middle = (low + high) / 2
      if lines[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
    }
    return max(1, low)
  }

  package func place(of offset: Int) -> Place {
    let line = line(of: offset)
    guard line <= lines.count else { return Place(path, line: line, column: 1) }
    return Place(path, line: line, column: offset - lines[line - 1].lowerBound + 1)
  }

  private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == .lineFeed {
      lines.append(start..<(index > start && bytes[index - 1] == .carriageReturn ? index - 1 : index))
      start = index + 1
    }
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }

  private static func lineOfFirstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var line = 1
    for (a, b) in zip(left, right) {
      if a != b { break }
      if a == .lineFeed { line += 1 }
    }
    return line
  }
}

extension UInt8 {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let tab = UInt8(ascii: "\t")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "'")
  static let doubleQuote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let equals = UInt8(ascii: "=")
  static let hash = UInt8(ascii: "#")
  static let semicolon = UInt8(ascii: ";")
  static let colon = UInt8(ascii: ":")
  static let comma = UInt8(ascii: ",")
  static let dot = UInt8(ascii: ".")
  static let slash = UInt8(ascii: "/")
  static let at = UInt8(ascii: "@")
  static let question = UInt8(ascii: "?")
  static let ampersand = UInt8(ascii: "&")
  static let percent = UInt8(ascii: "%")
  static let dollar = UInt8(ascii: "$")
  static let underscore = UInt8(ascii: "_")
  static let dash = UInt8(ascii: "-")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")

  var isBlank: Bool { self == .space || self == .tab }
  /// `isspace` of C.
  var isSpace: Bool { self == .space || (9...13).contains(self) }
  var isDigit: Bool { (48...57).contains(self) }
  var isUpper: Bool { (65...90).contains(self) }
  var isLower: Bool { (97...122).contains(self) }
  var isLetter: Bool { isUpper || isLower }
  var lowered: UInt8 { isUpper ? self + 32 : self }
  var isNameByte: Bool { isLetter || isDigit || self == .underscore }

  var hexValue: UInt8? {
    switch self {
    case 48...57: self - 48
    case 65...70: self - 55
    case 97...102: self - 87
    default: nil
    }
  }
}

extension ArraySlice<UInt8> {
  /// Without blanks and the like at both ends.
  var trimmed: ArraySlice<UInt8> {
    var slice = self
    while let first = slice.first, first.isSpace { slice.removeFirst() }
    while let last = slice.last, last.isSpace { slice.removeLast() }
    return slice
  }

  var text: String { String(decoding: self, as: UTF8.self) }

  func starts(withLowercase word: StaticString) -> Bool {
    guard count >= word.utf8CodeUnitCount else { return false }
    return zip(self, "\(word)".utf8).allSatisfy { $0.lowered == $1 }
  }
}

extension ConfigurationFile {
  /// More settings of one file are not kept, so that a strange file cannot take all memory.
  static let mostSettings = 20_000
  private static let mostRemarks = 100

  init(_ text: SourceText, _ format: Format) {
    self.init(path: text.path, format: format)
    remarks = text.remarks
  }

  mutating func fault(_ text: String, at place: Place) { remark(.fault, text, at: place) }
  mutating func notice(_ text: String, at place: Place) { remark(.notice, text, at: place) }

  mutating func remark(_ weight: Remark.Weight, _ text: String, at place: Place) {
    if remarks.count < Self.mostRemarks {
      remarks.append(Remark(weight, text, at: place))
    } else if remarks.count == Self.mostRemarks {
      remarks.append(
        Remark(.fault, "there are more remarks than \(Self.mostRemarks): the rest is not listed", at: place))
    }
  }
}

/// TOML's numbers, booleans, dates and times.
enum TOMLScalar {
  /// The text of a value without quotes: whole numbers in decimal; nil when it is none.
  static func text(_ word: ArraySlice<UInt8>) -> String? {
    guard let first = word.first, word.count <= 400 else { return nil }
    if word.elementsEqual("true".utf8) || word.elementsEqual("false".utf8) { return word.text }
    if first.isDigit, isMoment(word) { return word.text }
    return integer(word) ?? float(word)
  }

  private static func integer(_ word: ArraySlice<UInt8>) -> String? {
    if word.first == 48, let letter = word.dropFirst().first,
      let radix = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2][letter]
    {
      let digits = word.dropFirst(2)
      guard digits.allSatisfy({ ($0.hexValue.map { Int($0) < radix } ?? false) || $0 == .underscore }) else {
        return nil
      }
      guard let plain = withoutUnderscores(digits, isDigit: { $0.hexValue != nil }) else { return nil }
      return Int(plain, radix: radix).map { "\($0)" } ?? word.text
    }
    let digits = withoutSign(word)
    guard isWhole(digits), let plain = withoutUnderscores(digits, isDigit: \.isDigit) else { return nil }
    guard word.first == .dash else { return plain }
    return plain == "0" ? "0" : "-" + plain
  }

  private static func float(_ word: ArraySlice<UInt8>) -> String? {
    let body = withoutSign(word)
    if body.elementsEqual("inf".utf8) || body.elementsEqual("nan".utf8) { return word.text }
    let whole = body.prefix { $0.isDigit || $0 == .underscore }
    var rest = body.dropFirst(whole.count)
    guard isWhole(whole), withoutUnderscores(whole, isDigit: \.isDigit) != nil, !rest.isEmpty else { return nil }
    if rest.first == .dot {
      let fraction = rest.dropFirst().prefix { $0.isDigit || $0 == .underscore }
      guard withoutUnderscores(fraction, isDigit: \.isDigit) != nil else { return nil }
      rest = rest.dropFirst(1 + fraction.count)
    }
    if let mark = rest.first {
      guard mark | 32 == UInt8(ascii: "e") else { return nil }
      let exponent = withoutSign(rest.dropFirst())
      guard withoutUnderscores(exponent, isDigit: \.isDigit) != nil else { return nil }
    }
    return String(decoding: word.filter { $0 != .underscore }, as: UTF8.self)
  }

  private static func withoutSign(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    word.first == .dash || word.first == UInt8(ascii: "+") ? word.dropFirst() : word
  }

  /// No zero at the head.
  private static func isWhole(_ digits: ArraySlice<UInt8>) -> Bool {
    digits.first != 48 || digits.count == 1
  }

  /// nil unless every underscore has a digit on both sides, and there is a digit.
  private static func withoutUnderscores(_ word: ArraySlice<UInt8>, isDigit: (UInt8) -> Bool) -> String? {
    var previous: UInt8 = .underscore
    for byte in word {
      guard isDigit(byte) || (byte == .underscore && previous != .underscore) else { return nil }
      previous = byte
    }
    return previous == .underscore ? nil : String(decoding: word.filter { $0 != .underscore }, as: UTF8.self)
  }

  // Dates and times.

  private static func isMoment(_ word: ArraySlice<UInt8>) -> Bool {
    guard isDate(word.prefix(10)) else { return isTime(word) }
    var rest = word.dropFirst(10)
    guard let mark = rest.popFirst() else { return true }
    guard mark == .space || mark | 32 == UInt8(ascii: "t") else { return false }
    if rest.last.map({ $0 | 32 == UInt8(ascii: "z") }) ?? false { return isTime(rest.dropLast()) }
    let offset = rest.suffix(6)
    guard let sign = offset.first, offset.count == 6, sign == .dash || sign == UInt8(ascii: "+") else {
      return isTime(rest)
    }
    return isClock(offset.dropFirst()) && isTime(rest.dropLast(6))
  }

  static func isDate(_ word: ArraySlice<UInt8>) -> Bool {
    guard word.count == 10, matches(word, "dddd-dd-dd"), let year = number(word.prefix(4)),
      let month = number(word.dropFirst(5).prefix(2)), let day = number(word.suffix(2)), year > 0,
      (1...12).contains(month)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    return (1...days).contains(day)
  }

  private static func isTime(_ word: ArraySlice<UInt8>) -> Bool {
    guard isClock(word.prefix(5)), matches(word.dropFirst(5).prefix(3), ":dd"),
      let second = number(word.dropFirst(6).prefix(2)), second < 60
    else { return false }
    let fraction = word.dropFirst(8)
    if fraction.isEmpty { return true }
    return fraction.first == .dot && fraction.count > 1 && fraction.dropFirst().allSatisfy(\.isDigit)
  }

  private static func isClock(_ word: ArraySlice<UInt8>) -> Bool {
    guard matches(word, "dd:dd"), let hour = number(word.prefix(2)), let minute = number(word.suffix(2)) else {
      return false
    }
    return hour < 24 && minute < 60
  }

  private static func matches(_ word: ArraySlice<UInt8>, _ pattern: StaticString) -> Bool {
    let pattern = "\(pattern)".utf8
    return word.count == pattern.count
      && zip(word, pattern).allSatisfy { $1 == UInt8(ascii: "d") ? $0.isDigit : $0 == $1 }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? { Int(digits.text) }
}

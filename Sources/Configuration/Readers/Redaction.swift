/// Keeps secrets inside the readers: which names hold one, and what of a text may be shown.
///
/// It hides rather too much than too little: a pool's size is never a secret, and nothing else is needed.
package enum Redaction {
  private static let anywhere = words(
    "PASSWORD PASSWD PASSPHRASE SECRET CREDENTIAL APIKEY USERLIST WEBHOOK")
  /// In the last word, or as its end.
  private static let atTheEnd = words("PASS PWD TOKEN TOKENS PRIVATEKEY ACCESSKEY")
  private static let lastWords = words("KEY KEYS AUTH PW SALT COOKIE PIN JWT SAS")
  /// What ends so speaks about a secret: `password_encryption`, `POSTGRES_PASSWORD_FILE`.
  private static let harmlessEnds = words(
    "FILE PATH ENCRYPTION TTL TIMEOUT LENGTH EXPIRY EXPIRES ROTATION TYPE METHOD POLICY")
  private static let privateKey = Array("PRIVATE KEY".utf8)
  private static let token = words("TOKEN")[0]
  private static let publicWord = words("PUBLIC")[0]

  private static func words(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { Array($0.utf8) } }

  /// Whether a setting of this name holds a secret: `PGPASSWORD`, `spring.datasource.password`, `stripeApiKey`.
  package static func isSecret(_ name: String) -> Bool { isSecret(Array(name.utf8)[...]) }

  static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
    var letters: [UInt8] = []
    var starts: [Int] = []
    split(name.suffix(200), &letters, &starts)
    guard let lastStart = starts.last else { return false }
    let last = letters[lastStart...]
    if harmlessEnds.contains(where: { last.elementsEqual($0) }) { return false }
    if anywhere.contains(where: { contains(letters, $0) }) { return true }
    if atTheEnd.contains(where: { last.count >= $0.count && last.suffix($0.count).elementsEqual($0) }) { return true }
    if starts.contains(where: { letters[$0...].starts(with: token) }) { return true }
    guard lastWords.contains(where: { last.elementsEqual($0) }) else { return false }
    guard starts.count > 1 else { return true }
    return !letters[starts[starts.count - 2]..<lastStart].elementsEqual(publicWord)
  }

  /// `dbPassword`, `DB_PASSWORD` and `db.password` are DB, PASSWORD: the letters, and where each word begins.
  private static func split(_ name: ArraySlice<UInt8>, _ letters: inout [UInt8], _ starts: inout [Int]) {
    var isInside = false
    var previous: UInt8 = 0
    for byte in name {
      defer { previous = byte }
      guard byte.isLetter || byte.isDigit else { isInside = false; continue }
      if !isInside || (byte.isUpper && previous.isLower) { starts.append(letters.count) }
      isInside = true
      letters.append(byte.isLower ? byte - 32 : byte)
    }
  }

  private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
    text.indices.contains { text[$0] == word[0] && text[$0...].starts(with: word) }
  }

  /// A setting as it may leave a reader.
  package static func written(
    _ name: String, _ text: String, at place: Place, placeholders: [String] = [], isFallback: Bool = false
  ) -> Written {
    let isSecret = isSecret(name)
    let shown = isSecret ? Written.hidden : self.text(text)
    return Written(
      self.text(name), shown, at: place, placeholders: visible(placeholders, in: shown), isFallback: isFallback,
      isSecret: isSecret)
  }

  /// A `$` in a password begins no placeholder that may be told.
  static func visible(_ placeholders: [String], in shown: String) -> [String] {
    if placeholders.isEmpty { return [] }
    let shown = Array(shown.utf8)
    return placeholders.filter { !$0.isEmpty && contains(shown, Array($0.utf8)) }
  }

  /// A command line as it may leave a reader: the words after `--password` and its like are hidden too.
  package static func command(_ words: [String]) -> [String] {
    var shown: [String] = []
    var hidesNext = false
    for word in words {
      shown.append(hidesNext ? Written.hidden : text(word))
      hidesNext = word.hasPrefix("-") && !word.contains("=") && isSecret(word)
    }
    return shown
  }

  /// The text with every password in it hidden: in URLs, in `password=...` of connection strings and queries, in
  /// `PASSWORD '...'` of SQL, in `"password": "..."` of JSON, and private keys as a whole.
  package static func text(_ text: String) -> String {
    guard text.utf8.contains(where: mayLeadToSecret) else { return text }
    return String(decoding: hide(Array(text.utf8)), as: UTF8.self)
  }

  /// Without one of these, nothing in a text can be a secret with a name or an address.
  private static func mayLeadToSecret(_ byte: UInt8) -> Bool {
    switch byte {
    case .at, .equals, .colon, .quote, .doubleQuote, .dash: true
    default: false
    }
  }

  private static func hide(_ bytes: [UInt8]) -> [UInt8] {
    if contains(bytes, privateKey) { return Array(Written.hidden.utf8) }
    return hideNamed(hideUserInformation(bytes))
  }
}

// Passwords in URLs, between a user's name and `@`.
extension Redaction {
  /// Those of an address: of its user, and in `password=...`.
  static func passwords(_ value: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    if let start = afterScheme(value[...]), let end = userInformationEnd(value[start...]) {
      let user = value[start..<end]
      if let colon = user.firstIndex(of: .colon) { found.append(Array(user[(colon + 1)...])) }
    }
    let name = Array("password=".utf8)
    for index in value.indices where value[index...].starts(with: name) {
      let quotes: [UInt8] = [.quote, .doubleQuote]
      let rest = value[(index + name.count)...]
      let quote = rest.first.flatMap { quotes.contains($0) ? $0 : nil }
      found.append(
        Array(
          rest.dropFirst(quote == nil ? 0 : 1).prefix {
            $0 != quote && (quote != nil || !$0.isSpace && $0 != .ampersand)
          }))
    }
    return found
  }

  private static func hideUserInformation(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(.at) else { return bytes }
    var shown: [UInt8] = []
    var rest = bytes[...]
    if let start = afterScheme(rest), !rest[..<start].contains(where: \.isSpace) {
      // A text that is an address as a whole: blanks and quotes in it belong to it.
      append(rest, authority: start, to: &shown)
      return shown
    }
    while !rest.isEmpty {
      let blanks = rest.prefix { endsWord($0) }
      shown += blanks
      rest = rest.dropFirst(blanks.count)
      var word = rest.prefix { !endsWord($0) }
      let start = afterScheme(word) ?? word.startIndex
      // `postgres://app:my secret@db`: what looks like a port and is none begins a password with a blank in it.
      if start > word.startIndex, !word.contains(.at), hasStrangePort(word[start...]), rest.contains(.at) {
        word = rest
      }
      append(word, authority: start, to: &shown)
      rest = rest.dropFirst(word.count)
    }
    return shown
  }

  private static func endsWord(_ byte: UInt8) -> Bool { byte.isSpace || byte == .quote || byte == .doubleQuote }

  /// Where the authority of a URL begins; nil without `://`.
  private static func afterScheme(_ text: ArraySlice<UInt8>) -> Int? {
    let mark = Array("://".utf8)
    return text.indices.first { text[$0] == .colon && text[$0...].starts(with: mark) }.map { $0 + 3 }
  }

  private static func hasStrangePort(_ authority: ArraySlice<UInt8>) -> Bool {
    guard let colon = authority.firstIndex(of: .colon) else { return false }
    return authority[(colon + 1)...].contains { !$0.isDigit && $0 != .comma && $0 != .slash }
  }

  private static func append(_ word: ArraySlice<UInt8>, authority: Int, to shown: inout [UInt8]) {
    guard let end = userInformationEnd(word[authority...]) else {
      shown += word
      return
    }
    let user = word[authority..<end]
    if let colon = user.firstIndex(of: .colon) {
      shown += word[...colon]
      shown += Written.hidden.utf8
    } else if authority > word.startIndex, !isDatabase(word[..<authority]) {
      shown += word[..<authority]
      shown += Written.hidden.utf8
    } else {
      shown += user.isEmpty ? word[..<end] : word[word.startIndex..<end]
    }
    shown += word[end...]
  }

  /// The user of a database's address is no secret; the one of `https://KEY@host` may be.
  private static func isDatabase(_ scheme: ArraySlice<UInt8>) -> Bool {
    contains(Array(scheme), Array("postgres".utf8)) || contains(Array(scheme), Array("psql".utf8))
  }

  /// Where the `@` stands that ends the user information of an authority and all that follows it; nil without one.
  ///
  /// The last one before the query, because a password that is not encoded may hold others, and slashes. One in the
  /// query counts only where the query cannot be one.
  static func userInformationEnd(_ text: ArraySlice<UInt8>) -> Int? {
    guard text.contains(.at) else { return nil }
    let path = text.prefix { $0 != .question && $0 != .hash }
    var end = path.lastIndex(of: .at)
    let tail = text[path.endIndex...]
    if let next = tail.lastIndex(of: .at), !tail[..<next].contains(.equals) { end = next }
    guard let end else { return nil }
    let hasSlash = path.prefix { $0 != .at }.contains(.slash)
    return hasSlash && !text[..<end].contains(.colon) ? nil : end
  }
}

// Secrets that stand after their name.
extension Redaction {
  private static func hideNamed(_ bytes: [UInt8]) -> [UInt8] {
    var shown: [UInt8] = []
    shown.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index].isLetter else {
        shown.append(bytes[index])
        index += 1
        continue
      }
      let name = bytes[index...].prefix { $0.isNameByte || $0 == .dash || $0 == .dot }
      shown += name
      index = name.endIndex
      guard let start = valueStart(bytes, after: index), isSecret(name) else { continue }
      let end = valueEnd(bytes, from: start, isQuery: isInQuery(bytes, before: name.startIndex))
      shown += bytes[index..<start]
      if end > start { shown += Written.hidden.utf8 }
      index = end
    }
    return shown
  }

  /// Where the value of a name begins that ends here: after `=` or `:`, or at a quote; nil when none follows.
  private static func valueStart(_ bytes: [UInt8], after end: Int) -> Int? {
    var index = end
    if index < bytes.count, bytes[index] == .doubleQuote || bytes[index] == .quote { index += 1 }
    while index < bytes.count, bytes[index].isSpace { index += 1 }
    guard index < bytes.count else { return nil }
    if bytes[index] == .equals || bytes[index] == .colon {
      index += 1
      while index < bytes.count, bytes[index].isSpace { index += 1 }
      return index
    }
    return bytes[index] == .quote || bytes[index] == .doubleQuote ? index : nil
  }

  private static func isInQuery(_ bytes: [UInt8], before start: Int) -> Bool {
    start > 0 && (bytes[start - 1] == .question || bytes[start - 1] == .ampersand)
  }

  private static func valueEnd(_ bytes: [UInt8], from start: Int, isQuery: Bool) -> Int {
    if isQuery { return bytes[start...].firstIndex(of: .ampersand) ?? bytes.count }
    var index = start
    if start < bytes.count, bytes[start] == .quote || bytes[start] == .doubleQuote {
      index = quotedEnd(bytes, from: start)
      if index == bytes.count || !(bytes[index].isNameByte || bytes[index] == bytes[start]) { return index }
    }
    // A blank ends it only where another name follows; else it belongs to a password that somebody forgot to quote.
    while index < bytes.count {
      guard bytes[index].isSpace else {
        index += bytes[index] == .backslash ? 2 : 1
        continue
      }
      let blank = index
      while index < bytes.count, bytes[index].isSpace { index += 1 }
      if beginsPair(bytes, at: index) { return blank }
    }
    return bytes.count
  }

  /// After the closing quote; backslashes and doubled quotes do not close.
  private static func quotedEnd(_ bytes: [UInt8], from start: Int) -> Int {
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == .backslash { index += 2; continue }
      if bytes[index] == bytes[start] {
        guard index + 1 < bytes.count, bytes[index + 1] == bytes[start] else { return index + 1 }
        index += 1
      }
      index += 1
    }
    return bytes.count
  }

  private static func beginsPair(_ bytes: [UInt8], at start: Int) -> Bool {
    let name = bytes[start...].prefix(64).prefix { $0.isNameByte }
    guard let first = name.first, first.isLetter else { return false }
    return bytes[name.endIndex...].prefix(64).drop { $0.isSpace }.first == .equals
  }
}

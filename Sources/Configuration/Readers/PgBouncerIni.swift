import Model

/// `pgbouncer.ini`, read as PgBouncer reads it when it starts: at the first fault it stops, and so does this.
///
/// (A `RELOAD` with the same fault answers `RELOAD` and keeps what stood before the fault: it is no way to find one.)
package struct PgBouncerIni {
  /// As many files within files as PgBouncer follows.
  private static let deepestInclude = 10
  private static let mostIncludes = 100
  private static let mostBytes = 16 << 20

  /// What is known from a version on only; nil accepts what any version knows.
  private let release: PgBouncerParameters.Release?
  private let others: OtherFiles
  private var file: ConfigurationFile
  private var pooler: Pooler
  private var directives: [Directive] = []
  private var section: String?
  private var hasMainSection = false
  private var count = 0
  private var bytesLeft = Self.mostBytes
  private var lines: [String: [String: Int]] = [:]
  /// Where the line of a name stands among the databases and among the users: the last one takes its place.
  private var indices: [String: [String: Int]] = [:]

  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    read(bytes, path: path, release: nil, others: others)
  }

  /// - Parameter release: as PgBouncer names it, `(1, 18)`: what later versions brought is a fault.
  package static func read(
    _ bytes: [UInt8], path: String, release: (major: Int, minor: Int)?, others: OtherFiles
  ) -> ConfigurationFile {
    let known = release.map { PgBouncerParameters.Release(major: $0.major, minor: $0.minor) }
    return withoutActuallyEscaping(others) { others in
      var reader = PgBouncerIni(path, known, others)
      reader.readMain(SourceText(bytes, path: path))
      return reader.file
    }
  }

  private init(_ path: String, _ release: PgBouncerParameters.Release?, _ others: @escaping OtherFiles) {
    self.release = release
    self.others = others
    file = ConfigurationFile(path: path, format: .pgBouncer)
    pooler = Pooler(.pgBouncer, name: path, at: Place(path, line: 1))
  }

  private mutating func readMain(_ text: SourceText) {
    let isComplete = read(text, depth: 0)
    if isComplete && !hasMainSection {
      file.fault("there is no [pgbouncer] section: PgBouncer does not start", at: Place(text.path, line: 1))
    }
    file.directives = directives
    file.poolers = [pooler]
  }
}

// Lines.
extension PgBouncerIni {
  /// False when PgBouncer would have stopped here.
  private mutating func read(_ text: SourceText, depth: Int) -> Bool {
    file.remarks += text.remarks
    bytesLeft -= text.bytes.count
    var comments = Directives(path: text.path)
    defer { directives += comments.finish() }
    // A NUL ends the text for PgBouncer.
    let end = text.bytes.firstIndex(of: 0) ?? text.bytes.count
    var position = 0
    while true {
      while position < end, text.bytes[position].isSpace { position += 1 }
      if position >= end { return true }
      let line = text.line(of: position)
      let range = text.lines[line - 1]
      let rest = text.bytes[position..<min(end, range.upperBound)]
      let place = Place(text.path, line: line, column: position - range.lowerBound + 1)
      position = min(end, range.upperBound)
      if rest.first == .hash || rest.first == .semicolon {
        comments.comment(rest.dropFirst(), line: line, column: place.column ?? 1)
        continue
      }
      comments.statement(line: line)
      switch readLine(rest, at: place, depth: depth) {
      case .stop: return false
      case .lineDone: break
      case .goOn(let index): position = index
      }
    }
  }

  private enum Step {
    case lineDone
    /// After the `]` of a section the same line goes on.
    case goOn(Int)
    case stop
  }

  private mutating func readLine(_ rest: ArraySlice<UInt8>, at place: Place, depth: Int) -> Step {
    let include = Array("%include".utf8)
    if rest.starts(with: include), let blank = rest.dropFirst(include.count).first, blank.isBlank {
      return self.include(rest.dropFirst(include.count).trimmed.text, at: place, depth: depth) ? .lineDone : .stop
    }
    if rest.first == .openBracket { return readSection(rest, at: place) }
    var name = rest.prefix { $0.isNameByte || $0 == .dot || $0 == .dash || $0 == UInt8(ascii: "*") }
    var after = rest[name.endIndex...]
    if name.isEmpty, rest.first == .quote, let close = rest.dropFirst().firstIndex(of: .quote), isKnown(since: 25) {
      name = rest[(rest.startIndex + 1)..<close]
      after = rest[(close + 1)...]
      if name.isEmpty { return stop("the quoted name is empty", at: place) }
    }
    after = after.drop { $0.isBlank }
    guard after.first == .equals else {
      return stop("this line is no 'name = value', and PgBouncer does not start with it", at: place)
    }
    let value = after.dropFirst().trimmed
    return keep(name, value, at: place) ? .lineDone : .stop
  }

  private func isKnown(since minor: Int) -> Bool {
    release.map { $0 >= PgBouncerParameters.Release(major: 1, minor: minor) } ?? true
  }

  private mutating func stop(_ text: String, at place: Place) -> Step {
    file.fault(text + "; what follows is not read", at: place)
    return .stop
  }

  private mutating func readSection(_ rest: ArraySlice<UInt8>, at place: Place) -> Step {
    guard let close = rest.firstIndex(of: .closeBracket) else {
      return stop("the '[' of a section is not closed", at: place)
    }
    let name = rest[(rest.startIndex + 1)..<close].text
    guard ["pgbouncer", "databases", "users"].contains(name) || (name == "peers" && isKnown(since: 19)) else {
      let near = name.utf8.count < 40 ? nearest(to: name, in: ["pgbouncer", "databases", "users", "peers"]) : nil
      return stop("there is no such section" + (near.map { ": did you mean [\($0)]?" } ?? ""), at: place)
    }
    if name == "pgbouncer" {
      if hasMainSection {
        file.notice("[pgbouncer] begins again: PgBouncer sets all that it read before back to its defaults", at: place)
        pooler.settings = []
        lines["pgbouncer"] = nil
      }
      hasMainSection = true
    }
    section = name
    return .goOn(close + 1)
  }

  /// Relative paths are taken from the folder in which PgBouncer runs; without another word here that is the reader's.
  private mutating func include(_ path: String, at place: Place, depth: Int) -> Bool {
    guard depth < Self.deepestInclude, file.includes.count < Self.mostIncludes else {
      _ = stop("includes go deeper than \(Self.deepestInclude) files", at: place)
      return false
    }
    guard let (path, bytes) = find(path, at: place), bytesLeft > 0 else {
      let shown = Redaction.text(path)
      _ = stop("%include '\(shown)' cannot be read (PgBouncer looks for it from the folder that it runs in)", at: place)
      return false
    }
    file.includes.append(path)
    return read(SourceText(bytes, path: path), depth: depth + 1)
  }

  /// PgBouncer's own folder is not known here: where the path leads to nothing, the file beside this one is meant.
  private mutating func find(_ path: String, at place: Place) -> (path: String, bytes: [UInt8])? {
    if let bytes = others(path) { return (path, bytes) }
    guard !path.utf8.starts(with: "/".utf8), let slash = place.file.lastIndex(of: "/") else { return nil }
    let beside = String(place.file[...slash]) + path
    guard let bytes = others(beside) else { return nil }
    file.notice(
      "%include is read from this file's folder; PgBouncer looks for it from the folder that it runs in", at: place)
    return (beside, bytes)
  }
}

// Values.
extension PgBouncerIni {
  private mutating func keep(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, at place: Place) -> Bool {
    count += 1
    guard count <= ConfigurationFile.mostSettings else {
      _ = stop("there are too many settings", at: place)
      return false
    }
    switch section {
    case nil:
      _ = stop("a setting stands before the first section", at: place)
      return false
    case "pgbouncer": return keepParameter(name.text, value, at: place)
    case "databases": return keepDatabase(name.text, value, at: place)
    case "users": return keepUser(name.text, value, at: place)
    default: return keepPeer(name, value, at: place)
    }
  }

  private mutating func keepParameter(_ name: String, _ value: ArraySlice<UInt8>, at place: Place) -> Bool {
    guard accept(name, value, of: PgBouncerParameters.main, "parameter", at: place) else { return false }
    remarkAgain(name, in: "pgbouncer", at: place)
    pooler.settings.append(Redaction.written(name, value.text, at: place))
    return true
  }

  private mutating func keepDatabase(_ name: String, _ value: ArraySlice<UInt8>, at place: Place) -> Bool {
    guard name != "pgbouncer" else {
      _ = stop("the database 'pgbouncer' is PgBouncer's own console", at: place)
      return false
    }
    if name == "*" {
      keepFallback(value, at: place)
      return true
    }
    guard let settings = pairs(value, of: PgBouncerParameters.database, "a database", at: place) else { return false }
    replace(name, settings, at: place)
    return true
  }

  /// PgBouncer looks at the line of `*` only when a client names a database that has no line: a fault in it is found then.
  private mutating func keepFallback(_ value: ArraySlice<UInt8>, at place: Place) {
    let before = file.remarks.count
    let settings = pairs(value, of: PgBouncerParameters.database, "a database", at: place) ?? []
    for index in file.remarks.indices.dropFirst(before) {
      file.remarks[index].weight = .notice
      file.remarks[index].text += " (PgBouncer starts, and refuses the first client that needs it)"
    }
    replace("*", settings, at: place)
  }

  private mutating func replace(_ name: String, _ settings: [Written], at place: Place) {
    remarkAgain(name, in: "databases", at: place)
    let database = Pooler.Entry(name: Redaction.text(name), settings: settings, at: place)
    if let index = indices["databases"]?[name] { pooler.databases[index] = database; return }
    indices["databases", default: [:]][name] = pooler.databases.count
    pooler.databases.append(database)
  }

  private mutating func keepUser(_ name: String, _ value: ArraySlice<UInt8>, at place: Place) -> Bool {
    guard let settings = pairs(value, of: PgBouncerParameters.user, "a user", at: place) else { return false }
    remarkAgain(name, in: "users", at: place)
    let user = Pooler.Entry(name: Redaction.text(name), settings: settings, at: place)
    if let index = indices["users"]?[name] { pooler.users[index] = user; return true }
    indices["users", default: [:]][name] = pooler.users.count
    pooler.users.append(user)
    return true
  }

  private mutating func keepPeer(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, at place: Place) -> Bool {
    guard (1...65535).contains(CNumber.leadingInteger(name)), name.allSatisfy(\.isDigit) else {
      _ = stop("the name of a peer is its id: a number from 1 to 65535", at: place)
      return false
    }
    guard let settings = pairs(value, of: PgBouncerParameters.peer, "a peer", at: place) else { return false }
    guard settings.contains(where: { $0.name == "host" }) else {
      _ = stop("the peer \(name.text) has no host", at: place)
      return false
    }
    return true
  }

  private mutating func remarkAgain(_ name: String, in section: String, at place: Place) {
    if let line = lines[section]?[name] {
      file.notice(
        "\(Redaction.text(name)) stands here again: this value counts, not the one of line \(line)", at: place)
    }
    lines[section, default: [:]][name] = place.line
  }

  private mutating func accept(
    _ name: String, _ value: ArraySlice<UInt8>, of known: [String: PgBouncerParameters.Parameter], _ what: String,
    at place: Place
  ) -> Bool {
    guard let parameter = known[name] else {
      let near = name.utf8.count < 60 ? nearest(to: name, in: known.keys.sorted()) : nil
      let shown = name.utf8.count < 60 ? "'\(Redaction.text(name))'" : "this"
      let text = "\(shown) is no \(what) of PgBouncer" + (near.map { "; did you mean '\($0)'?" } ?? "")
      _ = stop(text, at: place)
      return false
    }
    guard isKnown(since: parameter.since) else {
      _ = stop("'\(name)' is known from PgBouncer 1.\(parameter.since) on", at: place)
      return false
    }
    guard let refusal = parameter.kind.refusal(of: value) else { return true }
    let shown = Redaction.isSecret(name) || value.count > 40 ? "the value" : "'\(Redaction.text(value.text))'"
    _ = stop("\(name): \(shown) \(refusal)", at: place)
    return false
  }

  /// `host=db port=5432 password='it''s'`, with PgBouncer's own rules of quoting; nil after a fault.
  private mutating func pairs(
    _ text: ArraySlice<UInt8>, of known: [String: PgBouncerParameters.Parameter], _ what: String, at place: Place
  ) -> [Written]? {
    var settings: [Written] = []
    var rest = text
    while true {
      rest = rest.drop { $0 == .space || $0 == .tab || $0.isSpace }
      if rest.isEmpty { return settings }
      guard let (key, value) = Self.takePair(&rest) else {
        _ = stop("the settings of \(what) are 'key=value' pairs, with '...' around values with blanks", at: place)
        return nil
      }
      guard accept(key.text, value[...], of: known, "setting of \(what)", at: place) else { return nil }
      settings.append(Redaction.written(key.text, value[...].text, at: place))
      count += 1
      guard count <= ConfigurationFile.mostSettings else { return settings }
    }
  }

  private static func takePair(_ rest: inout ArraySlice<UInt8>) -> (key: ArraySlice<UInt8>, value: [UInt8])? {
    let key = rest.prefix { $0 != .equals && $0 != .space }
    rest = rest[key.endIndex...].drop { $0.isBlank }
    guard !key.isEmpty, rest.first == .equals else { return nil }
    rest = rest.dropFirst().drop { $0.isBlank }
    guard rest.first == .quote else {
      let value = rest.prefix { $0 != .space }
      rest = rest[value.endIndex...].dropFirst()
      return value.isEmpty ? nil : (key, Array(value))
    }
    rest.removeFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == .quote {
        guard rest.first == .quote else {
          rest = rest.dropFirst()
          return value.isEmpty ? nil : (key, value)
        }
        rest.removeFirst()
      }
      value.append(byte)
    }
    return nil
  }
}

/// One word of the command line, told apart by its shape alone.
enum Token {
  case value(String)
  /// `--`: what follows is values.
  case terminator
  /// `--name` or `--name=value`.
  case long(String, value: String?)
  /// `-r`, `-vq` or `-r=value`.
  case short([Character], value: String?)

  init(_ word: String) {
    guard word.hasPrefix("-"), word != "-", !Self.startsNumber(word) else {
      self = .value(word)
      return
    }
    if word == "--" {
      self = .terminator
      return
    }
    let isLong = word.hasPrefix("--")
    let body = word.dropFirst(isLong ? 2 : 1)
    let equals = body.firstIndex(of: "=")
    let name = body[..<(equals ?? body.endIndex)]
    let value = equals.map { String(body[body.index(after: $0)...]) }
    self = isLong ? .long(String(name), value: value) : .short(Array(name), value: value)
  }

  /// `-5`, `-0.5`, `-.5` and `-10%` are values: no short name is a digit.
  private static func startsNumber(_ word: String) -> Bool {
    guard let first = word.dropFirst().drop(while: { $0 == "." }).first else { return false }
    return first.isASCII && first.isNumber
  }

  var isValue: Bool {
    if case .value = self { true } else { false }
  }

  /// The names that an option word uses; empty for a value.
  var names: [Name] {
    switch self {
    case .value, .terminator: []
    case .long(let name, _): [.long(name)]
    case .short(let letters, _): letters.map { .short($0) }
    }
  }

  var inlineValue: String? {
    switch self {
    case .value, .terminator: nil
    case .long(_, let value), .short(_, let value): value
    }
  }
}

/// Finds a definition by what the user typed.
struct NameTable {
  private var byName: [Name: Definition] = [:]
  private var visibleLongNames: [String]

  init(_ definitions: [Definition]) {
    for definition in definitions {
      for name in definition.names where byName[name] == nil { byName[name] = definition }
    }
    visibleLongNames = definitions.filter(\.isVisible).flatMap(\.names).filter { !$0.isShort }.map(\.bare)
  }

  subscript(name: Name) -> Definition? { byName[name] }

  func knows(_ token: Token) -> Bool {
    !token.names.isEmpty && token.names.allSatisfy { byName[$0] != nil }
  }

  /// Whether the next word belongs to this one.
  func takesNextWord(_ token: Token) -> Bool {
    token.inlineValue == nil && token.names.last.flatMap { byName[$0] }?.takesValue == true
  }

  func nearest(to name: String, builtIn: [String]) -> String? {
    suggestion(for: name, among: visibleLongNames + builtIn).map { "--\($0)" }
  }
}

/// `--help`, `-h` and `--version`, unless the command declares the name itself.
enum BuiltIn {
  case help
  case version

  init?(_ token: Token, declared: NameTable, hasVersion: Bool) {
    switch token {
    case .long("help", nil) where declared[.long("help")] == nil: self = .help
    case .long("version", nil) where hasVersion && declared[.long("version")] == nil: self = .version
    case .short(let letters, nil)
    where letters.contains("h") && declared[.short("h")] == nil
      && letters.allSatisfy { $0 == "h" || declared[.short($0)] != nil }:
      self = .help
    default: return nil
    }
  }

  static func names(hasVersion: Bool) -> [String] { hasVersion ? ["version", "help"] : ["help"] }
}

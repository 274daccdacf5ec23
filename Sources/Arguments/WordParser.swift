/// Gives the words of one command to its definitions, collecting every fault so that the most telling can be told.
struct WordParser {
  private let definitions: [Definition]
  private let table: NameTable
  private let builtIn: [String]
  private var rest: ArraySlice<String> = []
  private var values: [String] = []
  private var faults: [ParseFault] = []

  init(_ definitions: [Definition], builtIn: [String]) {
    self.definitions = definitions
    self.builtIn = builtIn
    table = NameTable(definitions)
  }

  /// The fault to tell, or nil when every word found its place and nothing required is missing.
  mutating func parse(_ words: [String]) -> ParseFault? {
    rest = words[...]
    while let word = rest.popFirst() { take(word) }
    placeValues()
    for definition in definitions where definition.isMissing() {
      faults.append(.argumentMissing(definition))
    }
    return faults.min { $0.rank < $1.rank }
  }

  private mutating func take(_ word: String) {
    let token = Token(word)
    switch token {
    case .value(let value): values.append(value)
    case .terminator:
      values += rest
      rest = []
    case .long(let name, let value): take(.long(name), value, in: word)
    case .short(let letters, let value):
      guard table.knows(token) else { return takeUnknownCluster(letters, word) }
      for letter in letters.dropLast() { take(.short(letter), nil, mayTakeNext: false, in: word) }
      if let last = letters.last { take(.short(last), value, in: word) }
    }
  }

  private mutating func take(_ name: Name, _ inline: String?, mayTakeNext: Bool = true, in word: String) {
    guard let definition = table[name] else {
      faults.append(.unknownOption(name.typed, near: table.nearest(to: name.bare, builtIn: builtIn)))
      return
    }
    if definition.kind == .flag {
      if let inline { return faults.append(.valueNotTaken(name, value: inline)) }
      store("", in: definition, name)
    } else if let value = inline ?? (mayTakeNext ? nextValue() : nil) {
      store(value, in: definition, name)
    } else {
      faults.append(.valueMissing(definition, name: name))
    }
  }

  /// `-json` was meant as `--json`; in `-vx` only the `x` is unknown.
  private mutating func takeUnknownCluster(_ letters: [Character], _ word: String) {
    if letters.count > 1, let near = table.nearest(to: String(letters), builtIn: builtIn) {
      faults.append(.unknownOption("-\(String(letters))", near: near))
    } else {
      let unknown = letters.first { table[.short($0)] == nil }
      faults.append(.unknownOption(unknown.map { "-\($0)" } ?? word, near: nil))
    }
  }

  private mutating func nextValue() -> String? {
    guard let next = rest.first, Token(next).isValue else { return nil }
    return rest.popFirst()
  }

  private mutating func placeValues() {
    var left = values[...]
    for definition in definitions where definition.kind == .positional {
      let count = definition.repeats ? left.count : min(1, left.count)
      for value in left.prefix(count) { store(value, in: definition, nil) }
      left = left.dropFirst(count)
    }
    if !left.isEmpty { faults.append(.unexpected(Array(left))) }
  }

  private mutating func store(_ word: String, in definition: Definition, _ name: Name?) {
    if !definition.store(word) { faults.append(.valueInvalid(definition, name: name, word: word)) }
  }
}

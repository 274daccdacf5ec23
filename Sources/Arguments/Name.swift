/// Which spellings an option or flag answers to.
package struct NameSpecification: ExpressibleByArrayLiteral, Sendable {
  package enum Element: Sendable {
    case long
    case short
    case customLong(String)
    case customShort(Character)
  }

  var elements: [Element]

  package init(arrayLiteral elements: Element...) { self.elements = elements }

  /// `--think-time` for a property `thinkTime`.
  package static var long: Self { [.long] }
  /// `-t` for a property `thinkTime`.
  package static var short: Self { [.short] }
  package static var shortAndLong: Self { [.short, .long] }
  package static func customLong(_ name: String) -> Self { [.customLong(name)] }
  package static func customShort(_ letter: Character) -> Self { [.customShort(letter)] }

  /// The spellings for a property, short ones first as help shows them.
  func names(key: String) -> [Name] {
    let names = elements.compactMap { $0.name(key: key) }
    return names.filter(\.isShort) + names.filter { !$0.isShort }
  }
}

extension NameSpecification.Element {
  fileprivate func name(key: String) -> Name? {
    switch self {
    case .long: .long(kebabCase(key))
    case .short: key.first.map { .short(Character($0.lowercased())) }
    case .customLong(let name): .long(name)
    case .customShort(let letter): .short(letter)
    }
  }
}

/// One spelling, without its dashes.
enum Name: Hashable {
  case long(String)
  case short(Character)

  var isShort: Bool {
    if case .short = self { true } else { false }
  }

  var bare: String {
    switch self {
    case .long(let name): name
    case .short(let letter): String(letter)
    }
  }

  /// As the user types it.
  var typed: String { (isShort ? "-" : "--") + bare }
}

/// `thinkTime` and `ThinkTime` become `think-time`, `maxURLLength` becomes `max-url-length`.
func kebabCase(_ identifier: String) -> String {
  let letters = Array(identifier)
  var result = ""
  for (index, letter) in letters.enumerated() {
    let startsWord =
      letter.isUppercase && index > 0
      && (!letters[index - 1].isUppercase || (index + 1 < letters.count && letters[index + 1].isLowercase))
    if startsWord, !result.hasSuffix("-") { result += "-" }
    result += letter == "_" ? "-" : letter.lowercased()
  }
  return result
}

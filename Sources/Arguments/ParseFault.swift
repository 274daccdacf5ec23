/// Why words do not make a command: facts, from which the sentence is made here.
enum ParseFault {
  case unknownOption(String, near: String?)
  case unknownSubcommand(String, near: String?, known: [String])
  case subcommandMissing(known: [String])
  case valueMissing(Definition, name: Name)
  case valueNotTaken(Name, value: String)
  case valueInvalid(Definition, name: Name?, word: String)
  case unexpected([String])
  case argumentMissing(Definition)

  /// Which of several faults is told: a mistyped option is often why the other faults are there.
  var rank: Int {
    switch self {
    case .unknownOption, .unknownSubcommand, .subcommandMissing: 0
    case .valueMissing, .valueNotTaken, .valueInvalid: 1
    case .unexpected: 2
    case .argumentMissing: 3
    }
  }

  var sentence: String {
    switch self {
    case .unknownOption(let typed, let near): "Unknown option \(quoted(typed))\(didYouMean(near))"
    case .unknownSubcommand(let word, let near, let known):
      "Unknown subcommand \(quoted(word))" + (near == nil ? oneOf(known) : didYouMean(near))
    case .subcommandMissing(let known): "Missing subcommand\(oneOf(known))"
    case .valueMissing(let definition, let name): "Missing value for '\(definition.label(as: name))'"
    case .valueNotTaken(let name, let value): "The flag '\(name.typed)' takes no value, but got \(quoted(value))"
    case .valueInvalid(let definition, let name, let word):
      "The value \(quoted(word)) is invalid for '\(definition.label(as: name))'" + accepted(by: definition)
    case .unexpected(let words):
      words.count == 1
        ? "Unexpected argument \(quoted(words[0]))"
        : "\(words.count) unexpected arguments: \(words.map(quoted).joined(separator: ", "))"
    case .argumentMissing(let definition):
      "Missing expected argument '\(definition.label)\(definition.repeats ? " ..." : "")'"
    }
  }

  /// The line that reminds of what the argument is for.
  var helpLine: String? {
    switch self {
    case .valueMissing(let definition, let name): helpLine(definition, name)
    case .valueInvalid(let definition, let name, _): helpLine(definition, name)
    case .argumentMissing(let definition): helpLine(definition, definition.preferredName)
    case .unknownOption, .unknownSubcommand, .subcommandMissing, .valueNotTaken, .unexpected: nil
    }
  }

  private func helpLine(_ definition: Definition, _ name: Name?) -> String? {
    definition.help.abstract.isEmpty ? nil : "\(definition.label(as: name))  \(definition.help.abstract)"
  }

  private func oneOf(_ known: [String]) -> String {
    ". Choose one of \(known.map { "'\($0)'" }.joined(separator: ", "))."
  }

  private func didYouMean(_ near: String?) -> String { near.map { ". Did you mean '\($0)'?" } ?? "" }

  private func accepted(by definition: Definition) -> String {
    if !definition.allValues.isEmpty { return oneOf(definition.allValues) }
    return definition.acceptedForm.map { ". Give \($0)." } ?? ""
  }
}

/// The user's own word between quotes, without the password of a connection string.
func quoted(_ word: String) -> String { "'\(withoutPassword(word))'" }

/// For anything of the user's or the environment's that is printed: URLs and keyword strings alike.
package func withoutPassword(_ word: String) -> String {
  var text = Substring(word)
  var result = ""
  // postgres://user:password@host
  if let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@"), scheme.upperBound < at,
    let colon = text[scheme.upperBound..<at].firstIndex(of: ":")
  {
    result = text[...colon] + "***"
    text = text[at...]
  }
  // password=… as a keyword or as a query item
  while let keyword = text.firstRange(of: "password=") {
    result += text[..<keyword.upperBound] + "***"
    text = text[keyword.upperBound...].drop { !$0.isWhitespace && $0 != "&" }
  }
  return result + text
}

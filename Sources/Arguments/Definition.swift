/// One declared argument, option or flag: what the parser matches, what help prints, and where the value goes.
struct Definition {
  enum Kind { case positional, option, flag }

  var kind: Kind
  var key: String
  var names: [Name]
  var help: ArgumentHelp
  var isRequired: Bool
  var repeats: Bool
  var defaultText: String?
  var allValues: [String] = []
  var acceptedForm: String?
  /// The title of the option group that it came in with.
  var section: String?
  /// Takes a word; false when it is no value of the wanted type.
  var store: (String) -> Bool
  /// Whether it is required and no word has given it a value yet.
  var isMissing: () -> Bool = { false }

  var isVisible: Bool { help.visibility == .default }
  var takesValue: Bool { kind == .option }
  var preferredName: Name? { names.first { !$0.isShort } ?? names.first }
  var valueName: String { help.valueName ?? preferredName?.bare ?? kebabCase(key) }

  /// As a sentence names it: `--rate <rate>`, `--json`, `<run>`.
  var label: String { label(as: preferredName) }

  /// As a sentence names it by the spelling that the user chose.
  func label(as name: Name?) -> String {
    switch kind {
    case .positional: "<\(valueName)>"
    case .flag: name?.typed ?? key
    case .option: "\(name?.typed ?? key) <\(valueName)>"
    }
  }

  /// As usage shows it: `[--rate <rate> ...]`.
  var synopsis: String {
    let body = repeats ? "\(label) ..." : label
    return isRequired ? body : "[\(body)]"
  }
}

/// A wrapper that the parser finds by reflection.
protocol ArgumentSource {
  func definitions(key: String) -> [Definition]
  func validateGroup() throws
}

extension ArgumentSource {
  func validateGroup() throws {}
}

/// The declared arguments in declaration order, with the ones of its option groups in their place.
func definitions(of arguments: any ParsableArguments) -> [Definition] {
  Mirror(reflecting: arguments).children.flatMap { child -> [Definition] in
    guard let source = child.value as? any ArgumentSource, let label = child.label else { return [] }
    // A wrapper's storage is named after its property, with an underscore in front.
    return source.definitions(key: String(label.drop { $0 == "_" }))
  }
}

func definitions(of type: any ParsableCommand.Type) -> [Definition] { definitions(of: type.init()) }

/// Option groups first, so that a command's own `validate()` sees groups that are in order.
func validateWithGroups<T: ParsableArguments>(_ arguments: inout T) throws {
  for child in Mirror(reflecting: arguments).children {
    try (child.value as? any ArgumentSource)?.validateGroup()
  }
  try arguments.validate()
}

/// The words of a command with subcommands, split at the subcommand's name.
///
/// `poolops --json run list` means `poolops run list --json`: options that the command does not know itself are passed on.
struct GroupHead {
  /// An option in front of the subcommand, with its value if it has one.
  private struct Entry {
    let token: Token
    let words: [String]
  }

  private var entries: [Entry] = []
  /// The first word that is no option.
  private(set) var subcommand: String?
  /// What follows the subcommand; without one, what starts at `--`.
  private(set) var rest: [String] = []

  private let own: NameTable
  private let below: NameTable

  init(_ words: [String], own: NameTable, below: NameTable) {
    self.own = own
    self.below = below
    var left = words[...]
    while let word = left.popFirst() {
      switch Token(word) {
      case .terminator:
        rest = [word] + left
        return
      case .value(let name):
        subcommand = name
        rest = Array(left)
        return
      case .long, .short: take(word, &left)
      }
    }
  }

  /// Every option, without values.
  var optionWords: [String] { entries.flatMap { $0.words.prefix(1) } }

  var ownWords: [String] { entries.filter { own.knows($0.token) }.flatMap(\.words) }

  /// Options that neither this command nor one below it declares.
  var unknownWords: [String] {
    entries.filter { !own.knows($0.token) && !below.knows($0.token) }.flatMap(\.words)
  }

  var hasForeignOptions: Bool { entries.contains { !own.knows($0.token) } }

  /// The words for a named subcommand: an option that both declare goes to both.
  func words(for child: any ParsableCommand.Type) -> [String] {
    let wanted = NameTable(definitionsBelow(child))
    return entries.filter { !own.knows($0.token) || wanted.knows($0.token) }.flatMap(\.words) + rest
  }

  /// The words for the default subcommand.
  func words(forDefault child: any ParsableCommand.Type) -> [String] {
    var head = self
    head.rest = (subcommand.map { [$0] } ?? []) + rest
    return head.words(for: child)
  }

  /// A bare word in front of a default subcommand that takes none is a mistyped subcommand. An unknown option is
  /// the default's to report, since it knows what was meant.
  func mayBelong(to fallback: any ParsableCommand.Type) -> Bool {
    subcommand == nil || !unknownWords.isEmpty || takesValues(fallback)
      || !fallback.configuration.subcommands.isEmpty
  }

  private mutating func take(_ word: String, _ left: inout ArraySlice<String>) {
    let token = Token(word)
    var words = [word]
    if let next = left.first, Token(next).isValue, takesNextWord(token) {
      words.append(next)
      left.removeFirst()
    }
    entries.append(Entry(token: token, words: words))
  }

  private func takesNextWord(_ token: Token) -> Bool {
    if own.knows(token) { return own.takesNextWord(token) }
    // `-h run` asks for help, even when a command below has an option `-h`.
    return BuiltIn(token, declared: own, hasVersion: true) == nil && below.takesNextWord(token)
  }
}

/// The words of a command with subcommands, split at the subcommand's name.
///
/// `poolops --json run list` means `poolops run list --json`: options that the command does not know itself are passed on.
struct GroupHead {
  /// Option words of this command, with their values.
  private(set) var ownWords: [String] = []
  /// Option words of commands below, and unknown ones.
  private(set) var passedOn: [String] = []
  /// Options that neither this command nor one below it declares.
  private(set) var unknownWords: [String] = []
  /// Every option, without values.
  private(set) var optionWords: [String] = []
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

  /// The words for the default subcommand.
  var withoutOwnWords: [String] { passedOn + (subcommand.map { [$0] } ?? []) + rest }

  private mutating func take(_ word: String, _ left: inout ArraySlice<String>) {
    let token = Token(word)
    let isOwn = own.knows(token)
    let isBelow = below.knows(token)
    var words = [word]
    if (isOwn ? own : below).takesNextWord(token), let next = left.first, Token(next).isValue {
      words.append(next)
      left.removeFirst()
    }
    optionWords.append(word)
    if isOwn { ownWords += words }
    if isBelow || !isOwn { passedOn += words }
    if !isBelow, !isOwn { unknownWords.append(word) }
  }
}

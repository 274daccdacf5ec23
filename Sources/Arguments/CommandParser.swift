/// How parsing can end other than with a command.
enum Ending: Error {
  case help(CommandPath)
  case version(String)
  case fault(sentence: String, helpLine: String?, CommandPath)
  /// Thrown by a command's or group's `validate()`.
  case thrown(any Error, CommandPath)

  static func fault(_ fault: ParseFault, _ path: CommandPath) -> Self {
    .fault(sentence: fault.sentence, helpLine: fault.helpLine, path)
  }
}

/// A command with the commands that lead to it, the root first.
struct CommandPath {
  let parents: [any ParsableCommand.Type]
  let command: any ParsableCommand.Type

  init(_ command: any ParsableCommand.Type, parents: [any ParsableCommand.Type] = []) {
    self.command = command
    self.parents = parents
  }

  func appending(_ child: any ParsableCommand.Type) -> CommandPath { CommandPath(child, parents: all) }

  var all: [any ParsableCommand.Type] { parents + [command] }
  var names: [String] { all.map { $0.commandName } }
  var words: String { names.joined(separator: " ") }
  /// The nearest version on the way up; empty when there is none.
  var version: String { all.last { !$0.configuration.version.isEmpty }?.configuration.version ?? "" }
  var subcommands: [any ParsableCommand.Type] { command.configuration.subcommands }
  var subcommandNames: [String] { subcommands.map { $0.commandName } }

  func child(named name: String) -> CommandPath? {
    subcommands.first { $0.commandName == name }.map(appending)
  }

  /// The path to a command below this one, this one included.
  func path(to wanted: any ParsableCommand.Type) -> CommandPath? {
    if command == wanted { return self }
    for child in subcommands {
      if let found = appending(child).path(to: wanted) { return found }
    }
    return nil
  }
}

/// Walks down the tree of subcommands and parses the words of the command that it arrives at.
struct CommandParser {
  func parse(_ words: [String], at path: CommandPath) throws(Ending) -> any ParsableCommand {
    if path.subcommands.isEmpty { return try parseLeaf(words, at: path) }
    let own = NameTable(definitions(of: path.command))
    let head = GroupHead(words, own: own, below: NameTable(path.subcommands.flatMap(definitionsBelow)))
    if let word = head.subcommand {
      if let child = path.child(named: word) {
        try parseOwn(head.ownWords, at: path)
        return try parse(head.words(for: child.command), at: child)
      }
      if word == "help" { throw .help(try resolve(head.rest, from: path)) }
    }
    return try parseWithoutSubcommand(head, own, at: path)
  }

  private func parseWithoutSubcommand(
    _ head: GroupHead, _ own: NameTable, at path: CommandPath
  ) throws(Ending) -> any ParsableCommand {
    try checkBuiltIns(head.optionWords, own, at: path)
    if let fallback = path.command.configuration.defaultSubcommand, head.mayBelong(to: fallback) {
      try parseOwn(head.ownWords, at: path)
      return try parse(head.words(forDefault: fallback), at: path.appending(fallback))
    }
    try parseOwn(head.unknownWords, at: path)
    if let word = head.subcommand { throw unknownSubcommand(word, at: path) }
    if head.hasForeignOptions { throw .fault(.subcommandMissing(known: path.subcommandNames), path) }
    return try parseLeaf(head.ownWords + head.rest, at: path)
  }

  /// The options that a command with subcommands keeps for itself are checked like any others.
  private func parseOwn(_ words: [String], at path: CommandPath) throws(Ending) {
    if !words.isEmpty { _ = try parseLeaf(words, at: path) }
  }

  private func parseLeaf(_ words: [String], at path: CommandPath) throws(Ending) -> any ParsableCommand {
    try parseLeaf(path.command, words, path)
  }

  private func parseLeaf<C: ParsableCommand>(
    _ type: C.Type, _ words: [String], _ path: CommandPath
  ) throws(Ending) -> any ParsableCommand {
    var command = type.init()
    let definitions = definitions(of: command)
    try checkBuiltIns(words, NameTable(definitions), at: path)
    var parser = WordParser(definitions, builtIn: BuiltIn.names(hasVersion: !path.version.isEmpty))
    if let fault = parser.parse(words) { throw .fault(fault, path) }
    do { try validateWithGroups(&command) } catch { throw .thrown(error, path) }
    return command
  }

  /// Help and version win over any fault, wherever they stand before `--`.
  private func checkBuiltIns(_ words: [String], _ declared: NameTable, at path: CommandPath) throws(Ending) {
    for word in words.prefix(while: { $0 != "--" }) {
      switch BuiltIn(Token(word), declared: declared, hasVersion: !path.version.isEmpty) {
      case .help: throw .help(path)
      case .version: throw .version(path.version)
      case nil: continue
      }
    }
  }

  /// Follows the words of `help experiment run`.
  private func resolve(_ words: [String], from path: CommandPath) throws(Ending) -> CommandPath {
    var path = path
    for word in words where Token(word).isValue {
      guard let child = path.child(named: word) else { throw unknownSubcommand(word, at: path) }
      path = child
    }
    return path
  }

  private func unknownSubcommand(_ word: String, at path: CommandPath) -> Ending {
    let known = path.subcommandNames
    return .fault(
      known.isEmpty
        ? .unexpected([word])
        : .unknownSubcommand(word, near: suggestion(for: word, among: known), known: known), path)
  }
}

func takesValues(_ type: any ParsableCommand.Type) -> Bool {
  definitions(of: type).contains { $0.kind == .positional }
}

/// Of a command and of everything below it.
func definitionsBelow(_ type: any ParsableCommand.Type) -> [Definition] {
  definitions(of: type) + type.configuration.subcommands.flatMap(definitionsBelow)
}

/// A set of arguments, options and flags that a command takes in as one `@OptionGroup`.
///
/// Every stored property carries one of the wrappers; the parser finds them by reflection, in declaration order.
package protocol ParsableArguments: SendableMetatype {
  init()

  /// Checks values against each other once all of them are parsed. Throw a `ValidationError` to end with usage and exit code 64.
  mutating func validate() throws
}

extension ParsableArguments {
  package mutating func validate() throws {}
}

/// A command, or one node of a tree of commands.
package protocol ParsableCommand: ParsableArguments {
  static var configuration: CommandConfiguration { get }

  /// Does the work. The default prints the command's help, which is what a command with subcommands wants.
  mutating func run() throws
}

extension ParsableCommand {
  package static var configuration: CommandConfiguration { CommandConfiguration() }

  package mutating func run() throws { throw CleanExit.helpRequest(Self.self) }

  /// The word that selects this command: the configured one, or the type's name in kebab case.
  package static var commandName: String { configuration.commandName ?? kebabCase("\(Self.self)") }
}

/// What help says about a command, and the commands below it.
package struct CommandConfiguration: Sendable {
  package var commandName: String?
  package var abstract: String
  package var discussion: String
  package var version: String
  package var subcommands: [any ParsableCommand.Type]
  package var defaultSubcommand: (any ParsableCommand.Type)?

  /// - Parameters:
  ///   - discussion: Kept line by line; only lines wider than the screen are wrapped.
  ///   - version: Printed by `--version` here and below; empty means no such flag.
  ///   - defaultSubcommand: One of `subcommands`, chosen when the words name none.
  package init(
    commandName: String? = nil, abstract: String = "", discussion: String = "", version: String = "",
    subcommands: [any ParsableCommand.Type] = [], defaultSubcommand: (any ParsableCommand.Type)? = nil
  ) {
    self.commandName = commandName
    self.abstract = abstract
    self.discussion = discussion
    self.version = version
    self.subcommands = subcommands
    self.defaultSubcommand = defaultSubcommand
  }
}

extension ParsableCommand {
  /// Mistakes in the declarations of this tree that would make words ambiguous. A test expects none.
  package static func declarationFaults() -> [String] {
    Arguments.declarationFaults(at: CommandPath(Self.self)) + disagreements(Self.self)
  }
}

private func declarationFaults(at path: CommandPath) -> [String] {
  let declared = definitions(of: path.command)
  let positionals = declared.filter { $0.kind == .positional }
  let own =
    repeated(declared.flatMap(\.names).map(\.typed)).map { "\($0) is declared twice" }
    + repeated(path.subcommandNames).map { "subcommand \($0) is declared twice" }
    + digits(declared).map { "\($0) would be taken for a negative number" }
    + unreachable(positionals, path) + zip(positionals, positionals.dropFirst()).compactMap(orderFault)
    + defaultFault(path)
  return own.map { "\(path.words): \($0)" }
    + path.subcommands.flatMap { declarationFaults(at: path.appending($0)) }
}

/// A name in front of a subcommand must not leave open whether the next word is its value.
private func disagreements(_ root: any ParsableCommand.Type) -> [String] {
  let all = definitionsBelow(root)
  let withValue = Set(all.filter(\.takesValue).flatMap(\.names))
  let without = Set(all.filter { !$0.takesValue }.flatMap(\.names))
  return withValue.intersection(without).map { "\($0.typed) takes a value in one command and none in another" }.sorted()
}

private func repeated(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { !seen.insert($0).inserted }
}

private func digits(_ declared: [Definition]) -> [String] {
  declared.flatMap(\.names).map(\.typed).filter { Token($0).isValue }
}

private func unreachable(_ positionals: [Definition], _ path: CommandPath) -> [String] {
  path.subcommands.isEmpty ? [] : positionals.map { "\($0.label) would be taken for a subcommand" }
}

private func orderFault(_ first: Definition, _ second: Definition) -> String? {
  if first.repeats { return "\(second.label) stands behind \(first.label), which takes all words" }
  if second.isRequired, !first.isRequired { return "\(second.label) is required but stands behind an optional one" }
  return nil
}

private func defaultFault(_ path: CommandPath) -> [String] {
  guard let fallback = path.command.configuration.defaultSubcommand else { return [] }
  return path.subcommands.contains { $0 == fallback } ? [] : ["the default subcommand is not among the subcommands"]
}

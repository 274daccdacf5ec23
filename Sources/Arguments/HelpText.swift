/// Help and usage of one command, as swift-argument-parser lays them out.
struct HelpText {
  let path: CommandPath
  let width: Int

  private static let indent = 2
  private static let column = 26

  /// Up to this many arguments stand in the usage line by name.
  private static let usageLimit = 12

  var help: String {
    var sections = overview.isEmpty ? [] : [overview]
    sections.append(usage(label: "USAGE: "))
    sections += [arguments] + titledOptions + [options, subcommands]
    var text = sections.filter { !$0.isEmpty }.joined(separator: "\n\n")
    if !path.subcommands.isEmpty { text += "\n\n  See '\(helpWords) <subcommand>' for detailed help." }
    return text
  }

  /// Usage after an error, with where to read on.
  var usageAfterError: String {
    usage(label: "Usage: ") + "\n  See '\(path.words) --help' for more information."
  }

  private var helpWords: String { (path.names.prefix(1) + ["help"] + path.names.dropFirst()).joined(separator: " ") }

  private var configuration: CommandConfiguration { path.command.configuration }

  private var declared: [Definition] { definitions(of: path.command).filter(\.isVisible) }

  private var overview: String {
    let abstract = configuration.abstract.isEmpty ? "" : "OVERVIEW: \(configuration.abstract)"
    return [abstract, configuration.discussion].filter { !$0.isEmpty }.map { wrapped($0, to: width) }
      .joined(separator: "\n\n")
  }

  private func usage(label: String) -> String {
    var parts = declared.map(\.synopsis)
    if parts.count > Self.usageLimit {
      let named = declared.filter { $0.kind == .positional || $0.isRequired }.map(\.synopsis)
      parts = ["[<options>]"] + (named.count > Self.usageLimit ? [] : named)
    }
    if !path.subcommands.isEmpty { parts.append("<subcommand>") }
    return filled(label + path.words, parts, indent: label.count)
  }

  /// Breaks between arguments only: `[--rate <rate>]` stays in one piece.
  private func filled(_ start: String, _ parts: [String], indent: Int) -> String {
    var lines = [start]
    for part in parts {
      let line = lines[lines.count - 1]
      if line.count + 1 + part.count <= width {
        lines[lines.count - 1] = line + " " + part
      } else {
        lines.append(String(repeating: " ", count: indent) + part)
      }
    }
    return lines.joined(separator: "\n")
  }

  private var arguments: String { section("ARGUMENTS", declared.filter { $0.kind == .positional }.map(entry)) }

  private var named: [Definition] { declared.filter { $0.kind != .positional } }

  private var titledOptions: [String] {
    var titles: [String] = []
    for title in named.compactMap(\.section) where !titles.contains(title) { titles.append(title) }
    return titles.map { title in section(title.uppercased(), named.filter { $0.section == title }.map(entry)) }
  }

  private var options: String {
    let version = path.version.isEmpty ? [] : [entry("--version", "Show the version.")]
    let ownsShortHelp = named.contains { $0.names.contains(.short("h")) }
    let help = entry(ownsShortHelp ? "--help" : "-h, --help", "Show help information.")
    return section("OPTIONS", named.filter { $0.section == nil }.map(entry) + version + [help])
  }

  private var subcommands: String {
    let entries = configuration.subcommands.map { command in
      let isDefault = configuration.defaultSubcommand.map { $0 == command } ?? false
      return entry(command.commandName + (isDefault ? " (default)" : ""), command.configuration.abstract)
    }
    return section("SUBCOMMANDS", entries)
  }

  private func section(_ title: String, _ entries: [String]) -> String {
    entries.isEmpty ? "" : "\(title):\n" + entries.joined(separator: "\n")
  }

  private func entry(_ definition: Definition) -> String {
    var label = definition.label
    if definition.kind != .positional {
      label = definition.names.map(\.typed).joined(separator: ", ")
      if definition.takesValue { label += " <\(definition.valueName)>" }
    }
    let text = [definition.help.abstract, definition.valuesAndDefault].filter { !$0.isEmpty }.joined(separator: " ")
    let discussion = definition.help.discussion
    let below = discussion.isEmpty ? "" : "\n" + wrapped(discussion, to: width, indent: Self.indent * 4)
    return entry(label, text) + below
  }

  private func entry(_ label: String, _ text: String) -> String {
    let label = String(repeating: " ", count: Self.indent) + label
    if text.isEmpty { return label }
    let body = wrapped(text, to: width, indent: Self.column)
    return label.count < Self.column ? label + body.dropFirst(label.count) : label + "\n" + body
  }
}

extension Definition {
  /// `(values: constant, ramp; default: constant)`.
  fileprivate var valuesAndDefault: String {
    let values = allValues.isEmpty ? nil : "values: \(allValues.joined(separator: ", "))"
    let initial = defaultText.flatMap { $0.isEmpty ? nil : "default: \(withoutPassword($0))" }
    let parts = [values, initial].compactMap(\.self)
    return parts.isEmpty ? "" : "(\(parts.joined(separator: "; ")))"
  }
}

/// Text in lines of at most `width` characters; its own line breaks and the indentation of its lines stay.
func wrapped(_ text: String, to width: Int, indent: Int = 0) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .flatMap { wrappedLine($0, to: width, indent: indent) }
    .joined(separator: "\n")
}

private func wrappedLine(_ line: Substring, to width: Int, indent: Int) -> [String] {
  let margin = String(repeating: " ", count: indent) + line.prefix { $0 == " " }
  // A line that fits keeps its inner spacing: it may be a column of an example.
  if indent + line.count <= width { return [line.isEmpty ? "" : String(repeating: " ", count: indent) + line] }
  var lines: [String] = []
  var current = ""
  for word in line.split(separator: " ") {
    if !current.isEmpty, margin.count + current.count + 1 + word.count > width {
      lines.append(margin + current)
      current = ""
    }
    current += current.isEmpty ? word : " " + word
  }
  return lines + [margin + current]
}

import Configuration

/// The parameters on the command line of a PostgreSQL server: `-c max_connections=200`, `--max-connections=200`, `-N 200`.
enum ServerCommand {
  static func settings(_ command: [String], at place: Place) -> [Written] {
    let words = ShellWords.ofProgram(command)
    var settings: [Written] = []
    var index = 0
    while index < words.count {
      let word = words[index]
      let next = index + 1 < words.count ? words[index + 1] : nil
      let (assignment, used) = assignment(word, next)
      if let setting = assignment.flatMap({ written($0, at: place) }) { settings.append(setting) }
      index += used
    }
    return settings
  }

  /// `name=value` of one option, and how many words it takes.
  private static func assignment(_ word: String, _ next: String?) -> (String?, Int) {
    if word.hasPrefix("--") { return (String(word.dropFirst(2)), 1) }
    if word == "-c" { return (next, 2) }
    if word.hasPrefix("-c") { return (String(word.dropFirst(2)), 1) }
    for (option, name) in short {
      if word == option { return (next.map { name + "=" + $0 }, 2) }
      if word.hasPrefix(option), Int(word.dropFirst(2)) != nil { return (name + "=" + word.dropFirst(2), 1) }
    }
    return (nil, 1)
  }

  private static let short = [
    ("-N", "max_connections"), ("-B", "shared_buffers"), ("-S", "work_mem"), ("-p", "port"),
  ]

  private static func written(_ assignment: String, at place: Place) -> Written? {
    guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else { return nil }
    // The server takes dashes for underscores in the names of options.
    let name = assignment[..<equals].map { $0 == "-" ? "_" : $0 }
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == "." }) else { return nil }
    return SettingText.written(
      String(name), Filled(text: String(assignment[assignment.index(after: equals)...])), at: place)
  }
}

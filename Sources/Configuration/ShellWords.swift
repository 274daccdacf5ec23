/// A command line in words, as a POSIX shell splits it: quotes and backslashes are taken away, nothing is expanded.
package enum ShellWords {
  package static func split(_ line: some StringProtocol) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        if !character.isNewline { word = (word ?? "") + escaped(character, in: quote) }
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if isEscaped { word = (word ?? "") + "\\" }
    if let word { words.append(word) }
    return words
  }

  /// A backslash at the end of a line joins two lines; within double quotes it stays before most characters.
  private static func escaped(_ character: Character, in quote: Character?) -> String {
    if quote == "\"", !"$`\"\\".contains(character) { return "\\" + String(character) }
    return String(character)
  }

  /// The words that run at last: of `sh -c "exec gunicorn -w 4"` those of the script, after its words.
  package static func ofProgram(_ words: [String]) -> [String] {
    guard let flag = words.firstIndex(where: isScriptFlag), flag > 0, flag + 1 < words.count,
      words[..<flag].contains(where: { shells.contains(fileName($0)) })
    else { return words }
    return separated(words[flag + 1])
  }

  /// The last part of a path.
  package static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static let shells: Set<String> = ["sh", "bash", "ash", "dash", "zsh"]

  /// `-c`, `-ec`, `-lc`.
  private static func isScriptFlag(_ word: String) -> Bool {
    word.hasPrefix("-") && !word.hasPrefix("--") && word.hasSuffix("c") && word.count <= 5
      && word.dropFirst().allSatisfy { $0.isASCII && $0.isLetter }
  }

  /// A script's words, with `;`, `&` and `|` as words of their own where they stand outside of quotes.
  private static func separated(_ script: String) -> [String] {
    var spaced = ""
    var quote: Character?
    for character in script {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      }
      let isBreak = quote == nil && (";&|".contains(character) || character.isNewline)
      spaced += isBreak ? (character.isNewline ? " ; " : " \(character) ") : String(character)
    }
    return split(spaced)
  }
}

/// libyaml's reasons in the words of a person who wrote the file.
enum YAMLProblem {
  /// libyaml's context of a quote that runs to the end of the file; then its beginning is the place to show.
  static let openQuote = "while scanning a quoted scalar"

  /// - Parameters:
  ///   - byte: What stands at the place of the problem; nil at the end of the file.
  ///   - context: What libyaml was reading, and where that began.
  static func plainWords(
    _ problem: String, at mark: Mark, byte: UInt8?, context: (text: String, mark: Mark)?
  ) -> String {
    let began = context.map { place($0.mark, from: mark) } ?? ""
    if byte == UInt8(ascii: "\t"), problem.contains("token") || problem.contains("indentation") {
      return "a tab cannot indent; use spaces"
    }
    switch problem {
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return "a tab cannot indent; use spaces"
    case "found character that cannot start any token":
      let character = byte.map { quoted(String(Unicode.Scalar($0))) } ?? "this"
      return "\(character) cannot begin a word; put the text in quotes"
    case "mapping values are not allowed in this context":
      return "a ':' is not expected here; check the indentation, and put a text with ': ' in quotes"
    case "could not find expected ':'":
      return "a ':' is missing after the key\(began)"
    case "did not find expected ',' or ']'":
      return "a ',' or ']' is missing in the list\(began)"
    case "did not find expected ',' or '}'":
      return "a ',' or '}' is missing in the braces\(began)"
    case "did not find expected key":
      return "this line does not fit the keys\(began); check its indentation"
    case "did not find expected '-' indicator":
      return "this line does not fit the list\(began); check its indentation"
    case "did not find expected node content":
      return "a value is missing here"
    case "block sequence entries are not allowed in this context":
      return "a '-' is not expected here; begin the list on a line of its own"
    case "found unexpected end of stream", "found unexpected document indicator":
      return context?.text == openQuote ? "this quote is never closed" : "the file ends too early"
    case "found unknown escape character":
      return "this backslash sequence is unknown; write '\\\\' for a backslash, or use single quotes"
    case "did not find expected <document start>":
      return "something is left over here; check the indentation"
    case "did not find expected alphabetic or numeric character":
      return "'&' and '*' begin anchors and aliases, which are not accepted; put the text in quotes"
    default:
      return problem + (context.map { " \($0.text)\(began)" } ?? "")
    }
  }

  /// What stands in the file cannot be a text at all.
  static func plainWords(reader problem: String) -> String {
    problem.contains("control characters")
      ? "a control character stands here; remove it"
      : "this is not UTF-8 (\(problem)); save the file as UTF-8"
  }

  private static func place(_ context: Mark, from mark: Mark) -> String {
    context.line == mark.line ? " begun in column \(context.column)" : " begun on line \(context.line)"
  }
}

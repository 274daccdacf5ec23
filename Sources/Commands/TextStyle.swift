import Ecosystems
import Model
import Report

extension World {
  /// How text on standard output looks.
  var style: Style { style(onTerminal: outputIsTerminal) }

  /// How text on standard error looks.
  var errorStyle: Style { style(onTerminal: errorIsTerminal) }

  /// Wide enough for every table in one piece.
  private static let pipeWidth = 140

  private func style(onTerminal isTerminal: Bool) -> Style {
    let locale = variables["LC_ALL"] ?? variables["LC_CTYPE"] ?? variables["LANG"] ?? "C.UTF-8"
    let speaksUnicode = locale.isEmpty || locale.uppercased().contains("UTF")
    return Style(
      colour: wantsColour(onTerminal: isTerminal), unicode: speaksUnicode || !isTerminal,
      width: isTerminal ? max(columns, 40) : Self.pipeWidth)
  }
}

import Advice
import Configuration

/// How a fix is told: what to do and where, and the text to write.
struct FixText {
  var fix: Finding.Fix
  /// Where the finding stands.
  var place: Place?

  /// `Write instead`, `Add to api/.env`, `Take out at app.env:3`.
  var label: String {
    switch (fix.kind, fix.place) {
    case (.code, _): "Write in the application's source"
    case (.removal, let at?): "Take out at \(at)"
    case (.parameter, let at?): "In the address at \(at), write"
    case (_, nil): place.map { "Add to \($0.file)" } ?? "Add"
    case (_, let at?): at.isOnLine(of: place) ? "Write instead" : "Write at \(at)"
    }
  }

  /// Never broken over lines: it is there to be copied.
  var line: String { fix.line.trimmedSpaces.onOneLine }

  /// This one, and what has to change with it.
  var all: [FixText] { [self] + fix.also.flatMap { FixText(fix: $0, place: place).all } }

  /// In one sentence's part, for places without lines.
  var sentence: String { "\(label.onOneLine): \(line)" }

  /// After "Next:".
  var order: String {
    switch (fix.kind, fix.place ?? place) {
    case (.code, _): "write '\(line)' in the application's source"
    case (.removal, let at?): "take out \(at)"
    case (_, let at?): fix.place == nil ? "add '\(line)' to \(at.file)" : "write '\(line)' at \(at)"
    case (_, nil): "write '\(line)'"
    }
  }
}

extension Finding {
  /// The fix and what goes with it, in the order in which to read them.
  var fixes: [FixText] { fix.map { FixText(fix: $0, place: place).all } ?? [] }
}

import Configuration
import Model
import System

/// Runs the programs of one target and keeps what they print.
final class TargetPrograms {
  private let locator: String
  private let surroundings: TargetSurroundings
  /// What else of the target has secrets in it: the settings of an app.
  private let settings: () -> [(name: String, value: String)]
  private var notes: [String] = []

  init(
    _ surroundings: TargetSurroundings, locator: String,
    settings: @escaping () -> [(name: String, value: String)] = { [] }
  ) {
    self.surroundings = surroundings
    self.locator = locator
    self.settings = settings
  }

  /// Whether the program is there; a wrong path should not be found out when the change is half made.
  func require(_ words: [String]) throws(StagingError) {
    guard let path = program(words, [:]).path, FileSystem.isExecutable(path) else {
      throw StagingError(.missingProgram, target: locator, wanted: Self.shown(words))
    }
  }

  /// What it printed, secrets hidden. Thrown is every ending but 0.
  @discardableResult
  func run(
    _ words: [String], _ variables: [String: String] = [:], within limit: Duration, keeping most: Int = 8192
  ) throws(StagingError) -> String {
    let shown = Self.shown(words)
    let ending: Program.Ending
    do throws(SystemFault) {
      ending = try program(words, variables).run(within: limit, keeping: most)
    } catch {
      throw StagingError(
        .commandFailed, target: locator, found: "none: it did not start", path: shown, reason: error.reason)
    }
    let known = surroundings.variables.map { (name: $0.key, value: $0.value) } + settings()
    let output = KnownSecrets(known).hidden(in: ending.output)
    note(shown, ending, output)
    let said = Self.lastLines(output)
    if ending.wasKilled {
      throw StagingError(.commandHangs, target: locator, wanted: limit.text, path: shown, reason: said)
    }
    guard ending.status == 0 else {
      throw StagingError(.commandFailed, target: locator, found: "\(ending.status)", path: shown, reason: said)
    }
    return output
  }

  func takeNotes() -> [String] {
    defer { notes = [] }
    return notes
  }

  private func program(_ words: [String], _ variables: [String: String]) -> Program {
    let own = surroundings.harmlessVariables.merging(variables) { $1 }
    return Program(words, variables: own, folder: surroundings.root)
  }

  private func note(_ shown: String, _ ending: Program.Ending, _ output: String) {
    let how = ending.wasKilled ? "killed" : "status \(ending.status)"
    if notes.count == 20 { notes.removeFirst() }
    notes.append("\(shown): \(how)" + (output.isEmpty ? "" : "\n\(output.suffix(2000))"))
  }

  /// A command as it may be shown.
  static func shown(_ words: [String]) -> String { Redaction.command(words).joined(separator: " ") }

  /// Enough of an output to see what is wrong; nil for none.
  static func lastLines(_ output: String) -> String? {
    let lines = output.split(whereSeparator: \.isNewline).suffix(3).map { $0.prefix(300) }
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }
}

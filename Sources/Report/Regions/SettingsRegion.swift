import Ecosystems
import Evidence
import Model

/// The changed settings in the words of one ecosystem, with the way back and what cannot be said there.
package enum SettingsRegion: RunbookRegion {
  package static let name = "settings"
  package static let summary =
    "the changed settings in the names and units of one ecosystem, with the way back and what it cannot say"
  package static let arguments: [(key: String, placeholder: String)] = [("ecosystem", "ID")]

  package static func content(
    _ evidence: RunbookEvidence, _ arguments: [String: String]
  ) -> RunbookDocument.Content {
    let word = arguments["ecosystem"] ?? ""
    guard let ecosystem = Ecosystem.named(word) else {
      let ids = Ecosystem.all.map(\.id)
      let guess = nearest(to: word.lowercased(), in: ids).map { "; did you mean '\($0)'?" } ?? "."
      return .missing("no ecosystem is called '\(word)'\(guess) Known: \(ids.joined(separator: ", "))")
    }
    let forward = ecosystem.write(evidence.changes.forward.values)
    let inverse = ecosystem.write(evidence.changes.inverse.values)
    guard !forward.lines.isEmpty || !forward.losses.isEmpty else {
      return .missing("'\(evidence.experiment.name)' changes no setting")
    }
    return markdownBlocks(
      ["In the words of \(ecosystem.title); these names hold for \(ecosystem.versions.text)."]
        + block("To apply what was measured (\(evidence.after.run.id)):", forward, ecosystem)
        + block("To put back what was there before (\(evidence.before.run.id)):", inverse, ecosystem)
        + remarks(forward, inverse, ecosystem) + [
          "What is in force, as the pool itself says it: \(Markdown.escaped(ecosystem.effective))."
        ])
  }

  private static func block(_ sentence: String, _ written: Written, _ ecosystem: Ecosystem) -> [String] {
    guard !written.lines.isEmpty else { return [sentence + " nothing that \(ecosystem.title) can say."] }
    let lines = ecosystem.form.text(written.lines).split(separator: "\n").map(String.init)
    return [sentence, codeBlock(lines, "text")]
  }

  private static func remarks(_ forward: Written, _ inverse: Written, _ ecosystem: Ecosystem) -> [String] {
    var items: [String] = []
    for (written, way) in [(forward, "applying"), (inverse, "going back")] {
      items += written.losses.map { "\(way), `\($0.key.rawValue)`: \(Markdown.escaped($0.text))." }
    }
    let dialects = SettingKey.allCases.compactMap { ecosystem.dialect(of: $0) }
    for dialect in dialects {
      guard let place = dialect.place, forward.lines.contains(where: { $0.name == dialect.name }) else { continue }
      items.append("`\(dialect.name)` is written elsewhere: \(Markdown.escaped(place)).")
    }
    return items.isEmpty ? [] : ["What is lost or stands elsewhere:", markdownList(items)]
  }
}

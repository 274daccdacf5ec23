import Evidence
import Model

/// What the runs say of the long term.
package enum EnduranceRegion: RunbookRegion {
  package static let name = "endurance"
  package static let summary =
    "drift of latency, memory and connections over the runs, and whether connections were replaced; or that no block was long enough to tell"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let runs = [evidence.before.run.id, evidence.after.run.id]
    let told = runs.flatMap { run in evidence.endurance[run].map { blocks($0, run) } ?? [] }
    guard told.isEmpty else { return markdownBlocks(told) }
    guard let longest = evidence.series.flatMap(\.blocks).map({ $0.seconds.count - $0.warmUp }).max() else {
      return .missing("\(Phrases.list(runs.map { "\($0)" })) have no seconds that were measured")
    }
    return markdownBlocks([
      """
      Nothing is told of the long term: the longest unbroken load of \(Phrases.list(runs.map { "\($0)" })) is \
      \(Phrases.time(.seconds(longest))), and a drift of latency or memory is told from half an hour on.
      """
    ])
  }

  private static func blocks(_ endurance: Endurance, _ run: RunID) -> [String] {
    endurance.stretches.flatMap { stretch in
      let section = EnduranceSection(endurance: Endurance(stretches: [stretch]))
      return section.markdown.enumerated().map { index, block in
        if index == 0 { return stretch.drifts.isEmpty ? "\(run): \(block)" : "\(run), \(block.dropLast()):" }
        return block.hasPrefix("|") ? block : "\(block) (\(run))"
      }
    }
  }
}

import Model

/// What `check` holds a runbook against besides the evidence that its regions are written from.
package struct RunbookFacts: Hashable, Sendable {
  package var runs: Set<RunID>
  /// The highest number that these results ever gave to a run.
  package var highestRun: Int
  /// Experiments whose file is not the one that was measured, with what became of it, as part of a sentence.
  package var changedExperiments: [String: String]
  package init(runs: Set<RunID>, highestRun: Int, changedExperiments: [String: String]) {
    self.runs = runs
    self.highestRun = highestRun
    self.changedExperiments = changedExperiments
  }
}

extension RunbookDocument {
  /// Like `check(_:)`, and names what the text rests on and is not there: deleted runs, results older than the page,
  /// experiment files that were changed since.
  package func check(_ facts: RunbookFacts, _ content: (Region) -> Content) -> [RunbookFinding] {
    let lost = regions.filter { !$0.isEdited }.flatMap { lostRuns(of: $0, facts) }
    let explained = Set(lost.map(\.line))
    let others = check(content).filter { finding in
      // What was lost also makes the text stale; the reason says more than the symptom.
      switch finding.kind {
      case .stale, .noEvidence: !explained.contains(finding.line)
      default: true
      }
    }
    return (lost + changedExperiments(facts) + others).sorted { $0.line < $1.line }
  }

  private func lostRuns(of region: Region, _ facts: RunbookFacts) -> [RunbookFinding] {
    let lost = region.citedRuns.filter { !facts.runs.contains($0) }
    let deleted = lost.filter { $0.number <= facts.highestRun }
    let unknown = lost.filter { $0.number > facts.highestRun }
    return [
      deleted.isEmpty ? nil : RunbookFinding(region.name, line: region.line, .deletedRuns(deleted)),
      unknown.isEmpty ? nil : RunbookFinding(region.name, line: region.line, .olderResults(unknown)),
    ].compactMap { $0 }
  }

  /// Once for each experiment, at its first region.
  private func changedExperiments(_ facts: RunbookFacts) -> [RunbookFinding] {
    var seen: Set<String> = []
    return regions.compactMap { region in
      guard let name = region.arguments["experiment"], let what = facts.changedExperiments[name],
        seen.insert(name).inserted
      else { return nil }
      return RunbookFinding(region.name, line: region.line, .changedExperiment(what))
    }
  }
}

extension RunbookDocument.Region {
  /// The runs that the text names, each once, by number.
  package var citedRuns: [RunID] {
    var runs: Set<RunID> = []
    for word in content.split(whereSeparator: { !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "-") }) {
      if word.hasPrefix("run-"), let run = RunID(text: String(word)) { runs.insert(run) }
    }
    return runs.sorted()
  }
}

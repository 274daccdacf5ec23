import Model

/// What is wrong with one region of a runbook, or with all regions of an experiment.
package struct RunbookFinding: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The evidence says something else now; the line where the text first differs.
    case stale(atLine: Int)
    /// The text does not match its checksum.
    case edited
    case unknown(known: [String])
    /// There is nothing recorded to write it from; why, as part of a sentence.
    case noEvidence(String)
    /// The text rests on runs that the results do not hold any more.
    case deletedRuns([RunID])
    /// The text rests on runs that the results never held: they are older than the page, or others.
    case olderResults([RunID])
    /// The experiment file is not the one that was measured; what became of it, as part of a sentence.
    case changedExperiment(String)
    case unclosed
    /// An end marker without its begin.
    case notBegun
    case duplicated(firstLine: Int)
    /// The line looks like a marker and is none.
    case malformed(String)
    /// A generated file beside the runbook is not what the evidence gives.
    case file(String, isMissing: Bool)
  }

  /// Empty where the marker could not be read.
  package var region: String
  /// Of the marker, from 1.
  package var line: Int
  package var kind: Kind

  package init(_ region: String, line: Int, _ kind: Kind) {
    self.region = region
    self.line = line
    self.kind = kind
  }

  /// One word for programs.
  package var word: String {
    switch kind {
    case .stale: "stale"
    case .edited: "edited"
    case .unknown: "unknown"
    case .noEvidence: "no_evidence"
    case .deletedRuns: "deleted_run"
    case .olderResults: "older_results"
    case .changedExperiment: "changed_experiment"
    case .unclosed: "unclosed"
    case .notBegun: "not_begun"
    case .duplicated: "duplicated"
    case .malformed: "malformed"
    case .file: "file"
    }
  }

  /// What is wrong, in a few words after the region's name.
  package var phrase: String {
    switch kind {
    case .stale: "is stale"
    case .edited: "was edited by hand"
    case .unknown: "is no region"
    case .noEvidence: "has no evidence"
    case .deletedRuns(let runs): "cites what was deleted (\(Self.list(runs)))"
    case .olderResults(let runs): "cites what these results never held (\(Self.list(runs)))"
    case .changedExperiment: "rests on another experiment file"
    case .file(let name, let isMissing): isMissing ? "lacks its file \(name)" : "has a stale file \(name)"
    case .unclosed: "has no end"
    case .notBegun: "has no begin"
    case .duplicated: "is there twice"
    case .malformed: "has a faulty marker"
    }
  }

  private static func list(_ runs: [RunID]) -> String { Phrases.list(runs.map(\.description)) }

  /// A sentence that says what is wrong and what to do.
  package var message: String {
    switch kind {
    case .stale(let line):
      "region '\(region)' is stale: from line \(line) on the evidence says something else. "
        + "'poolops runbook render' rewrites it."
    case .edited:
      "region '\(region)' was edited by hand. Move the text out of the region, "
        + "or drop it with 'poolops runbook render --force'."
    case .unknown(let known):
      "no region is called '\(region)'" + (nearest(to: region, in: known).map { ", did you mean '\($0)'?" } ?? ".")
        + " Known: \(known.joined(separator: " "))"
    case .noEvidence(let why): "region '\(region)' has no evidence to be written from: \(why)"
    case .deletedRuns(let runs):
      "region '\(region)' rests on \(Self.list(runs)), deleted from the results. Take the results back from version "
        + "control or a backup, or measure again and render."
    case .olderResults(let runs):
      "region '\(region)' rests on \(Self.list(runs)), which these results never held: they are older than the page, "
        + "or others. Take the right ones (--db), or render."
    case .changedExperiment(let what): "region '\(region)', and all of this experiment: \(what)"
    case .unclosed: "region '\(region)' has no '<!-- poolops:end \(region) -->'"
    case .notBegun: "the end of region '\(region)' has no begin before it"
    case .duplicated(let first): "region '\(region)' is there twice, with the same arguments; first in line \(first)"
    case .malformed(let text):
      "'\(text)' is no marker. Write '<!-- poolops:begin NAME experiment=NAME -->' or '<!-- poolops:end NAME -->'."
    case .file(let name, let isMissing):
      "the file \(name) of region '\(region)' \(isMissing ? "is missing" : "is not what the evidence gives"). "
        + "'poolops runbook render' writes it."
    }
  }

  /// `runbooks/connection-pool.md:12: ...`
  package func text(file: String) -> String { "\(file):\(line): \(message)" }

  package static func json(_ findings: [RunbookFinding], file: String) -> JSONValue {
    .array(
      findings.map {
        [
          "file": .string(file), "line": .integer($0.line), "region": .string($0.region), "finding": .string($0.word),
          "message": .string($0.message),
        ]
      })
  }
}

import Model
import Runner
import Store

/// Decides whether a sweep is begun, or an interrupted one gone on with.
struct SweepStart {
  enum Wish {
    case new(SweepSpec)
    /// The same one goes on, if it was interrupted.
    case newOrRest(SweepSpec)
    /// Whatever was interrupted last goes on.
    case goOn
  }

  struct Found {
    var spec: SweepSpec
    /// What goes on; nil where a sweep begins.
    var rest: SweepRecord?
    var seed: UInt64

    var start: SweepRunner.Start { rest.map { .rest(of: $0.id) } ?? .new(spec) }
  }

  private let entry: ExperimentLibrary.Entry
  private let project: Project
  private let seed: UInt64
  private var name: String { entry.experiment.name }

  init(_ entry: ExperimentLibrary.Entry, _ project: Project, seed: UInt64) {
    self.entry = entry
    self.project = project
    self.seed = seed
  }

  func start(_ wish: Wish) throws(Failure) -> Found {
    switch wish {
    case .new(let spec): return Found(spec: spec, seed: seed)
    case .newOrRest(let spec):
      let same = try interrupted().first { $0.sweep.spec == spec && $0.digest == digest(of: entry.text) }
      return same?.found ?? Found(spec: spec, seed: seed)
    case .goOn:
      guard let newest = try interrupted().first else {
        throw Failure(
          .usage, "there is no sweep of '\(name)' that lacks anything",
          hint: "Type 'poolops sweep \(name) --pool SIZES' to begin one.")
      }
      guard newest.digest == digest(of: entry.text) else {
        throw Failure(
          .inconclusive, "\(project.shown(entry.path)) is not what it was when \(newest.sweep.id) began",
          hint: "A sweep goes on only under the experiment that it began with; --new begins another.")
      }
      return newest.found
    }
  }

  private struct Interrupted {
    var sweep: SweepRecord
    var digest: String
    var seed: UInt64
    var found: Found { Found(spec: sweep.spec, rest: sweep, seed: seed) }
  }

  /// Newest first.
  private func interrupted() throws(Failure) -> [Interrupted] {
    guard let store = try ResultsStore.readingIfThere(project, emptyIsNone: true) else { return [] }
    return try store.ask { () throws(StoreError) in
      var found: [Interrupted] = []
      for sweep in try store.sweeps(of: name) where sweep.finished == nil {
        guard let execution = try store.execution(sweep.id) else { continue }
        found.append(Interrupted(sweep: sweep, digest: execution.experimentDigest, seed: execution.seed))
      }
      return found
    }
  }
}

import Evidence
import Model
import Store

extension StoreError {
  /// The failure that a command ends with.
  var failure: Failure {
    switch code {
    case .full: Failure(.unreachable, description)
    case .busy: Failure(.locked, description)
    case .empty: Failure(.inconclusive, description)
    case .notFound, .unreadable, .unwritable, .newer, .foreign, .damaged, .sql:
      Failure(.badConfiguration, description)
    }
  }
}

extension ResultsStore {
  /// Opens the project's results for reading.
  static func reading(_ project: Project) throws(Failure) -> ResultsStore {
    if let store = try readingIfThere(project) { return store }
    throw Failure(
      .inconclusive, "there is no results file at \(project.shown(project.database))",
      hint: "Type 'poolops experiment run NAME' to measure, or name a file with --db.")
  }

  /// The same; nil where there is no file yet.
  /// - Parameter emptyIsNone: for a command that will fill it.
  static func readingIfThere(_ project: Project, emptyIsNone: Bool = false) throws(Failure) -> ResultsStore? {
    do throws(StoreError) {
      return try open(path: project.database, mode: .readOnly)
    } catch {
      if error.code == .notFound || emptyIsNone && error.code == .empty { return nil }
      throw error.failure
    }
  }

  /// Opens the project's results for writing, and makes the file when there is none.
  static func writing(_ project: Project) throws(Failure) -> ResultsStore {
    do throws(StoreError) { return try open(path: project.database, mode: .readWrite) } catch { throw error.failure }
  }

  func recorded(_ id: RunID) throws(Failure) -> RecordedRun {
    guard let found = try ask({ () throws(StoreError) in try recordedRun(id) }) else { throw try missing(id) }
    return found
  }

  /// The run with what a comparison needs of it.
  /// - Parameter metrics: that are asked for beyond those of tables.
  func measured(_ id: RunID, metrics: [Metric] = []) throws(Failure) -> MeasuredRun {
    guard let run = try ask({ () throws(StoreError) in try run(id) }) else { throw try missing(id) }
    var measured = MeasuredRun(run, metrics: metrics)
    try ask { () throws(StoreError) in
      try readBlocks(of: id, kinds: RunFigures.kinds, gauges: RunFigures.gauges) { measured.take($0) }
    }
    return measured
  }

  /// Only runs that came to their end can be compared.
  func finished(_ ids: [RunID]) throws(Failure) -> [MeasuredRun] {
    try finished(ids, \.run) { id throws(Failure) in try measured(id) }
  }

  /// The same, with all that was recorded of them.
  func finishedWithAll(_ ids: [RunID]) throws(Failure) -> [RecordedRun] {
    try finished(ids, \.run) { id throws(Failure) in try recorded(id) }
  }

  private func finished<Value>(
    _ ids: [RunID], _ run: (Value) -> Run, _ read: (RunID) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    var runs: [Value] = []
    for id in ids {
      let found = try read(id)
      guard run(found).status == .finished else { throw try unfinished(run(found)) }
      runs.append(found)
    }
    return runs
  }

  private func unfinished(_ run: Run) throws(Failure) -> Failure {
    let what = run.status == .aborted ? "was aborted" : "has not ended"
    let others = try ask { () throws(StoreError) in try runs() }.filter {
      $0.execution.experiment == run.execution.experiment && $0.arm == run.arm && $0.kind == run.kind
        && $0.status == .finished
    }
    let hint = others.first.map {
      "The newest finished \(run.arm.rawValue) of \(run.execution.experiment) is \($0.id)."
    }
    return Failure(
      .inconclusive, "\(run.id) \(what): nothing can be concluded from it",
      hint: hint ?? "Type 'poolops experiment run \(run.execution.experiment)' to measure it to the end.")
  }

  /// What to say of a run that is not there.
  func missing(_ id: RunID) throws(Failure) -> Failure {
    let known = try ask { () throws(StoreError) in try runs() }.prefix(5).map(\.id.description)
    let hint = known.isEmpty ? "There are no runs yet." : "The newest are \(known.joined(separator: ", "))."
    return Failure(.usage, "there is no \(id) in \(path)", hint: hint)
  }

  /// A query whose failure ends the command.
  func ask<Value>(_ query: () throws(StoreError) -> Value) throws(Failure) -> Value {
    do throws(StoreError) { return try query() } catch { throw error.failure }
  }
}

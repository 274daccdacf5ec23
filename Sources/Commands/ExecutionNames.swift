import Model
import Store

/// What people call executions: `peak#3`, or `peak` for its newest. A name that stands for something else in the results is
/// answered with what it is, and with the command that shows it.
struct ExecutionNames {
  private let store: ResultsStore
  private let project: Project
  private let kinds: [ExecutionKind]
  private let takesTwoRuns: Bool

  /// - Parameters:
  ///   - kinds: that the command takes.
  ///   - takesTwoRuns: whether it also compares two runs, where a person may have forgotten the second one.
  init(_ store: ResultsStore, _ project: Project, kinds: [ExecutionKind] = [.experiment], takesTwoRuns: Bool = false) {
    self.store = store
    self.project = project
    self.kinds = kinds
    self.takesTwoRuns = takesTwoRuns
  }

  func execution(_ name: String) throws(Failure) -> Execution {
    guard let found = try named(name) else { throw try unknown(name) }
    if kinds.contains(found.kind) { return found }
    // A ramp is one whatever is asked of it; any other experiment can be measured or swept yet.
    guard ExecutionID(text: name) != nil || found.kind == .exhaustion else { throw never(name) }
    throw unfit(found)
  }

  /// nil where nothing of the kinds was recorded yet.
  func newestOfAll() throws(Failure) -> Execution? { try all().first }

  private func named(_ name: String) throws(Failure) -> Execution? {
    try store.ask { () throws(StoreError) in
      if let id = ExecutionID(text: name) { return try store.execution(id) }
      if let wanted = try store.newestExecution(of: name, kinds: kinds) { return wanted }
      return try store.newestExecution(of: name, kinds: ExecutionKind.allCases)
    }
  }

  /// Newest first.
  private func all() throws(Failure) -> [Execution] {
    try store.ask { () throws(StoreError) in
      var found: [Execution] = []
      for kind in kinds { found += try store.executions(of: nil, kind: kind) }
      return found.sorted { $0.started > $1.started }
    }
  }

  // MARK: What to say of a name

  private var isOfSweeps: Bool { kinds == [.sweep] }
  private var noun: String { isOfSweeps ? "sweep" : "execution" }

  private func unknown(_ name: String) throws(Failure) -> Failure {
    let tagged = try store.ask { () throws(StoreError) in try store.run(tagged: name) }
    if let id = RunID(text: name) ?? tagged { return try alone(id, name) }
    let files = try ExperimentLibrary.names(project)
    if files.contains(name) { return never(name) }
    let all = try all()
    let known = all.map { "\($0.id)" } + all.map(\.id.experiment) + files
    let near = nearest(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
    return Failure(.usage, "there is no \(noun) '\(name)' in \(store.path)\(near)", hint: newest(all, name))
  }

  /// Those of the experiment that was named, where there are any.
  private func newest(_ all: [Execution], _ name: String) -> String {
    let own = all.filter { $0.id.experiment == ExecutionID(text: name)?.experiment }
    let few = (own.isEmpty ? all : own).prefix(5).map { "\($0.id)" }
    guard few.isEmpty else { return "The newest \(few.count == 1 ? "is" : "are") \(few.joined(separator: ", "))." }
    return isOfSweeps
      ? "Nothing was swept yet; type 'poolops sweep NAME --pool SIZES' to do it."
      : "Type 'poolops experiment run NAME' to measure."
  }

  private func never(_ name: String) -> Failure {
    isOfSweeps
      ? Failure(.inconclusive, "'\(name)' was never swept", hint: "Type 'poolops sweep \(name) --pool SIZES' to do it.")
      : Failure(
        .inconclusive, "'\(name)' was never carried out", hint: "Type 'poolops experiment run \(name)' to measure it.")
  }

  private func alone(_ id: RunID, _ name: String) throws(Failure) -> Failure {
    guard let run = try store.ask({ () throws(StoreError) in try store.run(id) }) else { return try store.missing(id) }
    let what = takesTwoRuns ? "; name the run to compare it with, or an execution" : ", and no \(noun)"
    let next =
      run.kind == .experiment
      ? "'poolops diff \(run.execution)' compares its two runs." : "Type 'poolops run show \(id)' to see the run."
    return Failure(.usage, "\(name) is one run\(what)", hint: "Its execution is \(run.execution). \(next)")
  }

  private func unfit(_ found: Execution) -> Failure {
    let (id, experiment) = (found.id, found.id.experiment)
    switch found.kind {
    case .experiment:
      return Failure(
        .usage, "\(id) is an execution of the experiment, and no \(noun)", hint: "Type 'poolops diff \(id)' to see it.")
    case .calibration:
      return Failure(
        .usage, "\(id) is a calibration, A against A, and no \(isOfSweeps ? noun : "execution of the experiment")",
        hint: "Type 'poolops experiment calibrate \(experiment) --show' to see the noise of \(experiment).")
    case .exhaustion:
      let what = isOfSweeps ? ", and no sweep" : ": it has one run, and nothing to compare it with"
      return Failure(
        .usage, "\(id) is a ramp into exhaustion\(what)", hint: "Type 'poolops report \(id)' to see what its alert did."
      )
    case .sweep:
      return Failure(
        .usage, "\(id) is a sweep, and no execution of the experiment",
        hint: "Type 'poolops sweep show \(id)' to see it, and name two of its runs to compare them.")
    }
  }
}

extension Execution {
  /// What to say where a run was wanted.
  var isNoRun: Failure {
    let names = (rollout + runs).map(\.description)
    let own =
      switch names.count {
      case 0: "It has no runs."
      case 1: "Its run is \(names[0])."
      case 2: "Its runs are \(names[0]) and \(names[1])."
      default: "Its runs begin with \(names[0])."
      }
    return Failure(.usage, "\(id) is an execution, not a run", hint: own + more)
  }

  private var more: String {
    switch kind {
    case .experiment: runs.count == 2 ? " 'poolops diff \(id)' compares them." : ""
    case .calibration: " 'poolops experiment calibrate \(id.experiment) --show' shows their noise."
    case .exhaustion: ""
    case .sweep: " 'poolops sweep show \(id)' lists them."
    }
  }
}

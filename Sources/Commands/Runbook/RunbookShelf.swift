import Advice
import Evidence
import Model
import Report
import Store

/// The runbooks of a project, and the evidence that their regions are written from.
final class RunbookShelf {
  private let project: Project
  private let store: ResultsStore
  private var evidence: [String: RunbookEvidence?] = [:]
  private var leads: [String: LeadEvidence] = [:]
  /// Newest first.
  private var executions: [Execution]?
  private var trials: (shown: [RunbookEvidence.Trial], omitted: Int)?

  /// How many decisions a page tells of. A page is read by people; the results keep the rest.
  private static let longestHistory = 12

  init(_ project: Project, _ store: ResultsStore) {
    self.project = project
    self.store = store
  }

  /// File names in `runbooks/`.
  var names: [String] { get throws(Failure) { try Files.names(in: project.runbooks, suffix: ".md") } }

  func path(_ name: String) -> String { project.runbooks + "/" + name }

  func findings(_ name: String) throws(Failure) -> [RunbookFinding] { try checked(name).1 }

  func check(_ name: String) throws(Failure) -> RunbookReport {
    let (document, findings) = try checked(name)
    return report(name, document, findings, notes: notes)
  }

  func render(
    _ name: String, force: Bool
  ) throws(Failure) -> (new: RunbookDocument.Rendering, report: RunbookReport) {
    let document = RunbookDocument(try Files.read(path(name)))
    try gather(for: document)
    let rendering = document.render(force: force, content)
    return (rendering, report(name, document, rendering.findings))
  }

  private func checked(_ name: String) throws(Failure) -> (RunbookDocument, [RunbookFinding]) {
    let document = RunbookDocument(try Files.read(path(name)))
    try gather(for: document)
    return (document, document.check(try facts(document), content) + staleFiles(document))
  }

  /// The generated files beside a runbook that are missing or differ, as findings.
  private func staleFiles(_ document: RunbookDocument) -> [RunbookFinding] {
    RunbookRegions.files(of: document) { evidence[$0] ?? nil }.compactMap { region, file in
      let isMissing = !Files.exists(path(file.name))
      if !isMissing, (try? Files.read(path(file.name))) == file.text { return nil }
      return RunbookFinding(region.name, line: region.line, .file(file.name, isMissing: isMissing))
    }
  }

  /// What the regions of a runbook refer to, as the evidence gives it.
  func files(of text: String) -> [RunbookFile] {
    RunbookRegions.files(of: RunbookDocument(text)) { evidence[$0] ?? nil }.map(\.file)
  }

  /// Writes those that differ, unless it is only to be said which; their names.
  func writeFiles(of text: String, isDryRun: Bool) throws(Failure) -> [String] {
    var written: [String] = []
    for file in files(of: text) {
      if Files.exists(path(file.name)), (try? Files.read(path(file.name))) == file.text { continue }
      if !isDryRun { try Files.replace(path(file.name), with: file.text) }
      written.append(file.name)
    }
    return written
  }

  private func report(
    _ name: String, _ document: RunbookDocument, _ findings: [RunbookFinding], notes: [String] = []
  ) -> RunbookReport {
    RunbookReport(
      file: project.shown(path(name)), regions: document.regions.count, findings: findings, notes: notes)
  }

  private func content(_ region: RunbookDocument.Region) -> RunbookDocument.Content {
    RunbookRegions.content(of: region, lead: { leads[$0] }) { evidence[$0] ?? nil }
  }

  // MARK: What a page is checked against

  private var notes: [String] {
    guard store.version < ResultsStore.currentVersion else { return [] }
    return [
      "\(project.shown(project.database)) is older: its tables are of version \(store.version), and this poolops writes "
        + "version \(ResultsStore.currentVersion). It is read as it is; the next recording brings it up to date."
    ]
  }

  private func facts(_ document: RunbookDocument) throws(Failure) -> RunbookFacts {
    var changed: [String: String] = [:]
    for name in experiments(of: document) { changed[name] = try change(of: name) }
    return RunbookFacts(
      runs: try store.ask { () throws(StoreError) in try store.runIDs() },
      highestRun: try store.ask { () throws(StoreError) in try store.highestRunNumber() }, changedExperiments: changed)
  }

  /// What became of the file of an experiment since its newest judged execution; nil while it is the same.
  private func change(of name: String) throws(Failure) -> String? {
    let (judged, ramp) = (try newest(name), try newestRamp(name))
    guard let newest = judged ?? ramp else { return nil }
    let path = "\(project.experiments)/\(name).yaml"
    guard Files.exists(path) else { return "\(project.shown(path)), which \(newest.id) measured, is gone" }
    guard digest(of: try Files.read(path)) != digest(of: newest.experimentText) else { return nil }
    return "\(project.shown(path)) was changed since \(newest.id) measured it; 'poolops experiment run \(name)' "
      + "measures what it says now"
  }

  // MARK: Evidence

  private func experiments(of document: RunbookDocument) -> Set<String> {
    Set(document.regions.compactMap { $0.arguments["experiment"] })
  }

  private func gather(for document: RunbookDocument) throws(Failure) {
    let swept = Set(document.regions.filter { $0.name == SweepRegion.name }.compactMap { $0.arguments["experiment"] })
    let tellsHistory = document.regions.contains { $0.name == DecisionsRegion.name }
    for name in experiments(of: document) {
      if evidence[name] == nil {
        evidence[name] = .some(try evidence(of: name))
        leads[name] = try lead(of: name)
      }
      if swept.contains(name), var known = evidence[name] ?? nil {
        (known.sweep, known.confirmation) = try sweeps(of: name)
        evidence[name] = known
      }
      guard tellsHistory, var known = evidence[name] ?? nil else { continue }
      (known.trials, known.omittedTrials) = try history()
      evidence[name] = known
    }
  }

  /// The newest whole sweep, and the newest whole confirmation of it.
  private func sweeps(of name: String) throws(Failure) -> (SweepReport?, SweepReport?) {
    let whole = try store.ask { () throws(StoreError) in try store.sweeps(of: name) }.filter { $0.finished != nil }
    guard let newest = whole.first(where: { $0.spec.confirms == nil }) else { return (nil, nil) }
    var confirmation: SweepReport?
    if let pairs = whole.first(where: { $0.spec.confirms == newest.id }) {
      confirmation = try store.sweepReport(pairs.id)
    }
    return (try store.sweepReport(newest.id), confirmation)
  }

  private func allExecutions() throws(Failure) -> [Execution] {
    if let executions { return executions }
    let found = try store.ask { () throws(StoreError) in try store.executions(of: nil) }
    executions = found
    return found
  }

  private func newest(_ name: String) throws(Failure) -> Execution? {
    try allExecutions().first { $0.id.experiment == name && $0.verdict != nil }
  }

  private func newestRamp(_ name: String) throws(Failure) -> Execution? {
    try store.ask { () throws(StoreError) in try store.executions(of: name, kind: .exhaustion) }
      .first { $0.verdict != nil }
  }

  /// From the newest judged ramp into exhaustion; nil where there is none.
  private func lead(of name: String) throws(Failure) -> LeadEvidence? {
    guard let ramp = try newestRamp(name), let experiment = ramp.experiment, let run = ramp.runs.first,
      let times = try store.lead(of: ramp)
    else { return nil }
    return LeadEvidence(experiment: experiment, execution: ramp, run: run, times: times)
  }

  /// From the newest judged execution, without the history; nil where there is none.
  private func evidence(of name: String) throws(Failure) -> RunbookEvidence? {
    guard let newest = try newest(name), let experiment = newest.experiment else { return nil }
    guard let comparison = try store.comparison(of: newest, experiment) else { return nil }
    var judgedAgain: Verdict?
    if case .verdict(let verdict) = try store.judgedAgain(newest) { judgedAgain = verdict }
    let changes = SettingChange.all(of: experiment)
    let courses = try store.courses(of: newest)
    return RunbookEvidence(
      experiment: experiment, execution: newest, comparison: comparison, sizing: sizing(experiment, comparison),
      trials: [], names: EnvironmentNames(experiment), judgedAgain: judgedAgain,
      rehearsal: try allExecutions().first {
        $0.hasConfirmedRollback && $0.experiment.map(SettingChange.all) == changes
      }, series: courses.series, endurance: courses.endurance)
  }

  /// The newest judged execution of each experiment file and verdict, oldest first.
  private func history() throws(Failure) -> (shown: [RunbookEvidence.Trial], omitted: Int) {
    if let trials { return trials }
    struct Group: Hashable { var experiment: String, digest: String, decision: Decision }
    var groups: [Group: [Execution]] = [:]
    for execution in try allExecutions() {
      guard let decision = execution.verdict?.decision else { continue }
      let group = Group(experiment: execution.id.experiment, digest: execution.experimentDigest, decision: decision)
      groups[group, default: []].append(execution)
    }
    let newestFirst = groups.values.sorted { $0[0].started > $1[0].started }
    var shown: [RunbookEvidence.Trial] = []
    for executions in newestFirst.prefix(Self.longestHistory).reversed() {
      let execution = executions[0]
      guard let tried = execution.experiment else { continue }
      shown.append(
        .init(
          execution: execution, title: tried.title, changes: SettingChange.all(of: tried),
          comparison: try store.comparison(of: execution, tried), expects: tried.expects,
          earlier: executions.count - 1))
    }
    let found = (shown, max(0, newestFirst.count - Self.longestHistory))
    trials = found
    return found
  }

  /// From the service time that the retest measured: there, the pool is not the bottleneck.
  private func sizing(_ experiment: Experiment, _ comparison: Comparison) -> Sizing? {
    // Of users who come and go no single number says how many there were, and of flows no pause what they ask.
    guard experiment.load.shape.isSteady, !experiment.load.isFlow, let users = experiment.load.shape.users,
      let service = comparison.after.serviceMean
    else { return nil }
    return Sizing(
      .init(
        users: users, thinkTime: experiment.load.thinkTime.mean, serviceMean: service,
        serviceRun: comparison.after.run.id,
        acquireTimeout: experiment.settings(of: .retest).acquireTimeout?.seconds,
        cores: comparison.after.run.environment["cores"].flatMap(Int.init).flatMap {
          (1...65_536).contains($0) ? $0 : nil
        }
      ))
  }
}

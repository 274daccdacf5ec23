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

  init(_ project: Project, _ store: ResultsStore) {
    self.project = project
    self.store = store
  }

  /// File names in `runbooks/`.
  var names: [String] { Files.names(in: project.runbooks, suffix: ".md") }

  func path(_ name: String) -> String { project.runbooks + "/" + name }

  func findings(_ name: String) throws(Failure) -> [RunbookFinding] { try checked(name).1 }

  func check(_ name: String) throws(Failure) -> RunbookReport {
    let (document, findings) = try checked(name)
    return report(name, document, findings)
  }

  func render(
    _ name: String, force: Bool
  ) throws(Failure) -> (old: String, new: RunbookDocument.Rendering, report: RunbookReport) {
    let old = try Files.read(path(name))
    let document = RunbookDocument(old)
    try gather(for: document)
    let rendering = document.render(force: force, content)
    return (old, rendering, report(name, document, rendering.findings))
  }

  private func checked(_ name: String) throws(Failure) -> (RunbookDocument, [RunbookFinding]) {
    let document = RunbookDocument(try Files.read(path(name)))
    try gather(for: document)
    return (document, document.check(content) + staleFiles(document))
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

  private func report(_ name: String, _ document: RunbookDocument, _ findings: [RunbookFinding]) -> RunbookReport {
    RunbookReport(file: project.shown(path(name)), regions: document.regions.count, findings: findings)
  }

  private func content(_ region: RunbookDocument.Region) -> RunbookDocument.Content {
    RunbookRegions.content(of: region) { evidence[$0] ?? nil }
  }

  private func gather(for document: RunbookDocument) throws(Failure) {
    for name in Set(document.regions.compactMap { $0.arguments["experiment"] }) where evidence[name] == nil {
      evidence[name] = .some(try evidence(of: name))
    }
  }

  /// From the newest judged execution; nil where there is none.
  private func evidence(of name: String) throws(Failure) -> RunbookEvidence? {
    let executions = try store.ask { () throws(StoreError) in try store.executions(of: nil) }
    let newest = executions.first { $0.id.experiment == name && $0.verdict != nil }
    guard let newest, let experiment = newest.experiment else { return nil }
    guard let comparison = try store.comparison(of: newest, experiment) else { return nil }
    var trials: [RunbookEvidence.Trial] = []
    for execution in executions.reversed() where execution.verdict != nil {
      guard let tried = execution.experiment else { continue }
      trials.append(
        .init(
          execution: execution, title: tried.title, changes: SettingChange.all(of: tried),
          comparison: try store.comparison(of: execution, tried), expects: tried.expects))
    }
    return RunbookEvidence(
      experiment: experiment, execution: newest, comparison: comparison, sizing: sizing(experiment, comparison),
      trials: trials, names: .builtin, series: try store.series(of: newest))
  }

  /// From the service time that the retest measured: there, the pool is not the bottleneck.
  private func sizing(_ experiment: Experiment, _ comparison: Comparison) -> Sizing? {
    guard let users = experiment.load.shape.users, let service = comparison.after.serviceMean else { return nil }
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

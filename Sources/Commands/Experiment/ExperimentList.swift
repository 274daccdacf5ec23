import Arguments
import Model
import Report
import Store

struct ExperimentList: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the experiments with their newest verdict.")
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let library = ExperimentLibrary(project, world)
    let newest = try newest(.experiment, project).merging(try newest(.exhaustion, project)) {
      $0.started < $1.started ? $1 : $0
    }
    let calibrated = try self.newest(.calibration, project)
    let isMeasuring = newest.values.contains { $0.outcome == .running } && project.isMeasuring
    let rows = try library.names.map { name -> Row in
      let title = (try? library.entry(name))?.experiment.title
      return Row(name: name, title: title, execution: newest[name], calibration: calibrated[name])
    }
    world.output(options.json ? json(rows).text : text(rows, project, world, isMeasuring: isMeasuring))
    return .go
  }

  private struct Row {
    var name: String
    /// nil when the file has faults.
    var title: String?
    var execution: Execution?
    var calibration: Execution?

    /// What was decided; how it ended where it was cut off, whatever had been decided by then.
    var verdict: String? {
      execution.map { execution in
        switch execution.outcome {
        case .kept, .rolledBack: execution.verdict?.decision.rawValue ?? execution.outcome.rawValue
        case .running, .failed, .rollbackUnverified: execution.outcome.rawValue
        }
      }
    }
  }

  /// The newest execution of each experiment; none where there is no results file yet.
  private func newest(_ kind: ExecutionKind, _ project: Project) throws(Failure) -> [String: Execution] {
    guard let store = try ResultsStore.readingIfThere(project) else { return [:] }
    let all = try store.ask { () throws(StoreError) in try store.executions(of: nil, kind: kind) }
    return Dictionary(all.map { ($0.id.experiment, $0) }) { newest, _ in newest }
  }

  private func text(_ rows: [Row], _ project: Project, _ world: World, isMeasuring: Bool) -> String {
    guard !rows.isEmpty else { return "No experiments in \(project.experiments)/.\n" }
    var table = TextTable([
      .init("name"), .init("newest"), .init("verdict"), .init("calibration"), .init("title"),
    ])
    for row in rows {
      table.row([
        .init(row.name, .strong), .init(row.execution.map { "\($0.id)" } ?? "-"), .init(verdict(row, isMeasuring)),
        .init(row.calibration.map { "\($0.id)\($0.outcome == .rolledBack ? "" : " (\($0.outcome.rawValue))")" } ?? "-"),
        row.title.map { .init($0) } ?? .init("has faults: poolops experiment validate \(row.name)", .bad),
      ])
    }
    return table.text(world.style) + "\n"
  }

  private func verdict(_ row: Row, _ isMeasuring: Bool) -> String {
    if row.execution?.outcome == .running, !isMeasuring { return "no end: poolops experiment recover" }
    return row.verdict ?? "not run"
  }

  private func json(_ rows: [Row]) -> JSONValue {
    .array(
      rows.map {
        [
          "name": .string($0.name), "title": JSONValue($0.title),
          "execution": JSONValue($0.execution.map { "\($0.id)" }), "verdict": JSONValue($0.verdict),
          "calibration": JSONValue($0.calibration.map { "\($0.id)" }),
        ]
      })
  }
}

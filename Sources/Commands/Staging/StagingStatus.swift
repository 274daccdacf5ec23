import Arguments
import Model
import Report
import Staging

struct StagingStatus: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say whether the embedded staging is up. Changes nothing.",
    discussion: "Exits with 69 when it is not answering.")
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let cluster = EmbeddedCluster(root: try Project(world, options).root)
    let status: EmbeddedStatus
    do throws(StagingError) { status = try cluster.status() } catch { throw error.failure }
    world.output(options.json ? json(status).text : text(status))
    return status.state == .running ? .go : .unreachable
  }

  private func text(_ status: EmbeddedStatus) -> String {
    var lines = ["embedded staging: \(words(status.state))"]
    if let version = status.version { lines.append("  PostgreSQL  \(version)") }
    if let port = status.port { lines.append("  port        \(port)") }
    if let pid = status.postmasterPID { lines.append("  process     \(pid)") }
    if let scale = status.datasetScale { lines.append("  dataset     scale \(scale), \(scale * 100_000) accounts") }
    if status.state != .absent { lines.append("  files       \(status.folder)") }
    if let connection = status.connection { lines.append("  connect     psql \"\(connection)\"") }
    if let pid = status.executionPID { lines.append("  in use      by process \(pid)") }
    if status.state != .running { lines.append("Type 'poolops staging up' to start it.") }
    return lines.joined(separator: "\n") + "\n"
  }

  private func words(_ state: EmbeddedStatus.State) -> String {
    switch state {
    case .absent: "not made yet"
    case .stopped: "down"
    case .running: "up"
    case .notAnswering: "running, but not answering"
    }
  }

  private func json(_ status: EmbeddedStatus) -> JSONValue {
    [
      "state": .string(status.state.rawValue), "version": JSONValue(status.version), "port": JSONValue(status.port),
      "pid": JSONValue(status.postmasterPID.map(Int.init)), "dataset_scale": JSONValue(status.datasetScale),
      "folder": .string(status.folder), "connection": JSONValue(status.connection.map { "\($0)" }),
      "execution_pid": JSONValue(status.executionPID.map(Int.init)),
    ]
  }
}

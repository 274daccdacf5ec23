import Arguments
import Model
import Report
import Staging

struct StagingUp: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Start the embedded staging, and make it first where there is none.",
    discussion: "It stays up until 'poolops staging down'. Where it runs already, nothing is done.")
  @Option(help: ArgumentHelp("Size of the dataset: 100,000 accounts each.", valueName: "n")) var scale: Int = 1
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("A PostgreSQL setting, such as max_connections=200; may be repeated.", valueName: "name=value"))
  var settings: [String] = []
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let cluster = EmbeddedCluster(root: try Project(world, options).root)
    let settings = try parsedSettings()
    let isQuiet = options.quiet
    let running: RunningCluster
    do throws(StagingError) {
      running = try cluster.up(scale: scale, settings: settings) { if !isQuiet { world.note($0) } }
    } catch {
      throw error.failure
    }
    if options.json {
      world.output(StagingReport.json(running).text)
    } else {
      world.output(StagingReport.text(running))
    }
    return .go
  }

  private func parsedSettings() throws(Failure) -> [String: String] {
    var parsed: [String: String] = [:]
    for setting in settings {
      guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
        throw Failure(.usage, "'\(setting)' is no setting; write name=value, such as max_connections=200")
      }
      parsed[String(setting[..<equals])] = String(setting[setting.index(after: equals)...])
    }
    return parsed
  }
}

/// What `up` and `status` print of a cluster.
enum StagingReport {
  static func text(_ running: RunningCluster) -> String {
    """
    PostgreSQL \(running.version) is up, on port \(running.port) of loopback and a Unix socket.
      files    \(running.folder)
      connect  psql "\(running.connection)"
      stop     poolops staging down

    """
  }

  static func json(_ running: RunningCluster) -> JSONValue {
    [
      "state": "running", "version": .string(running.version), "port": .integer(running.port),
      "pid": .integer(Int(running.postmasterPID)), "folder": .string(running.folder),
      "connection": .string("\(running.connection)"), "started": .bool(running.wasStartedByUs),
    ]
  }
}

import Advice
import Arguments
import Configuration
import Ecosystems
import Manifests
import Model

/// What the files do not say.
struct AuditFacts: ParsableArguments {
  @Option(help: ArgumentHelp("The pool of applications that do not name theirs.", valueName: "ecosystem"))
  var pool: String?
  @Option(help: ArgumentHelp("Processes in one copy, each with a pool of its own.", valueName: "n")) var processes: Int?
  @Option(help: ArgumentHelp("Copies of each application.", valueName: "n")) var replicas: Int?
  @Option(help: ArgumentHelp("Extra copies during a rolling deploy, such as 1 or 25%.", valueName: "n"))
  var surge: SurgeWord?
  @Option(help: ArgumentHelp("The server's max_connections.", valueName: "n")) var maxConnections: Int?
  @Option(help: ArgumentHelp("Slots that somebody else takes, such as monitoring=3.", valueName: "name=n"))
  var others: [NameAndValue] = []
  @Option(help: ArgumentHelp("Share of the slots that may be planned for (default: 80%).", valueName: "share"))
  var targetShare: ShareWord?
  @Option(help: ArgumentHelp("After so long a firewall or balancer cuts idle connections.", valueName: "duration"))
  var idleKill: Duration?
  @Option(help: ArgumentHelp("After so long whoever calls the application gives up.", valueName: "duration"))
  var upstreamTimeout: Duration?
  @Option(help: ArgumentHelp("PgBouncer's version, such as 1.21.", valueName: "version")) var pgbouncerVersion:
    VersionWord?
  init() {}

  func validate() throws {
    let counts = [("--processes", processes), ("--replicas", replicas), ("--max-connections", maxConnections)]
    for (name, count) in counts {
      if let count, !(1...1_000_000).contains(count) {
        throw ValidationError("The value for '\(name)' must be from 1 to 1000000.")
      }
    }
    for other in others where Int(other.value).map({ $0 >= 0 && $0 <= 1_000_000 }) != true {
      throw ValidationError("'\(other.value)' in '--others \(other.name)=...' is no number of slots.")
    }
  }

  func options() throws(Failure) -> AuditOptions {
    var options = AuditOptions()
    if let pool { options.ecosystem = try .chosen(pool) }
    options.processes = processes
    options.replicas = replicas
    options.surge = surge?.surge
    options.maxConnections = maxConnections
    options.others = others.map { .init($0.name, slots: Int($0.value) ?? 0) }
    if let targetShare { options.targetShare = targetShare.share }
    options.idleKill = idleKill
    options.upstreamTimeout = upstreamTimeout
    options.pgBouncerVersion = pgbouncerVersion?.numbers
    return options
  }
}

/// Running servers and poolers. URLs come from environment variables: what stands on a command line, everybody can read.
struct AuditLive: ParsableArguments {
  @Flag(help: "Ask the server of $DATABASE_URL, and the PgBouncer of $PGBOUNCER_URL if set.") var live = false
  @Option(help: ArgumentHelp("Ask the server whose URL this variable holds.", valueName: "variable")) var server:
    String?
  @Option(help: ArgumentHelp("Ask the PgBouncer whose console URL this variable holds.", valueName: "variable"))
  var pgbouncer: String?
  init() {}
}

/// `name=value`, with a name.
struct NameAndValue: ExpressibleByArgument {
  let name: String
  let value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
    name = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }

  static var acceptedForm: String? { "name=value" }
}

/// `1` or `25%`.
struct SurgeWord: ExpressibleByArgument {
  let surge: AuditOptions.Surge

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let amount = Int(isPercent ? String(argument.dropLast()) : argument), (0...100_000).contains(amount) else {
      return nil
    }
    surge = isPercent ? .percent(amount) : .count(amount)
  }

  static var acceptedForm: String? { "a number of copies or a share of them, such as 1 or 25%" }
}

/// `80%` or `0.8`.
struct ShareWord: ExpressibleByArgument {
  let share: Double

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? String(argument.dropLast()) : argument), number.isFinite else { return nil }
    share = isPercent ? number / 100 : number
    guard share > 0, share <= 1 else { return nil }
  }

  static var acceptedForm: String? { "a share above 0 and up to 100%, such as 80%" }
}

/// `1.21` or `1.21.0`.
struct VersionWord: ExpressibleByArgument {
  let numbers: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
  }

  static var acceptedForm: String? { "a version such as 1.21" }
}

extension AuditVerdict.Threshold: ExpressibleByArgument {}

/// What a file is, in words for a command line.
enum FormatWord: String, CaseIterable, ExpressibleByArgument {
  case env, url, pgbouncer, postgresql, properties, spring, compose, toml, kubernetes

  func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    switch self {
    case .env: EnvironmentFile.read(bytes, path: path, others: others)
    case .url: ConnectionString.read(bytes, path: path, others: others)
    case .pgbouncer: PgBouncerIni.read(bytes, path: path, others: others)
    case .postgresql: PostgreSQLConf.read(bytes, path: path, others: others)
    case .properties: Properties.read(bytes, path: path, others: others)
    case .spring: SpringYAML.read(bytes, path: path, others: others)
    case .compose: ComposeFile.read(bytes, path: path, others: others)
    case .toml: TOMLFile.read(bytes, path: path, others: others)
    case .kubernetes: KubernetesManifest.read(bytes, path: path, others: others)
    }
  }
}

/// How findings are written.
enum AuditStyle: String, CaseIterable, ExpressibleByArgument { case text, json, sarif, github, markdown }

import Model

/// What the embedded cluster's configuration files say.
struct ClusterConfiguration {
  /// PostgreSQL's own names and values, from the experiment.
  var settings: [String: String]
  var clusterName: String
  var socketFolder: String

  static let superuser = "poolops"
  static let loadRole = "poolops_app"
  static let database = "poolops_staging"
  /// The command line names the configuration that the server was started with, so that a difference is seen.
  static let digestSetting = "poolops.configuration"
  /// Grows when a cluster made by an earlier poolops must be made again.
  static let layout = 1

  /// A crash of the machine may lose a cluster without fsync; poolops then makes it again.
  private static let defaults = ["fsync": "off", "timezone": "UTC", "log_timezone": "UTC"]

  /// What poolops's own work rests on; messages are recognised by their English text.
  private static let reserved: Set<String> = [
    "listen_addresses", "port", "unix_socket_directories", "unix_socket_permissions", "unix_socket_group",
    "data_directory", "config_file", "hba_file", "ident_file", "external_pid_file", "cluster_name", "lc_messages",
    "logging_collector", "log_destination", "ssl", "include", "include_dir", "include_if_exists", "event_source",
    "restart_after_crash", "password_encryption",
  ]

  /// Faults that need no server to be found.
  func check() throws(StagingError) {
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      let key = name.lowercased()
      if Self.reserved.contains(key) || key.hasPrefix("poolops.") {
        throw StagingError(.reservedSetting, setting: name)
      }
      let isName = !name.isEmpty && name.utf8.allSatisfy { Self.nameBytes.contains($0) }
      guard isName, !value.contains(where: \.isNewline), !value.contains("\0") else {
        throw StagingError(
          .badSetting, setting: name, found: value, reason: isName ? "a line break" : "no setting has such a name")
      }
    }
  }

  private static let nameBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.".utf8)

  /// The settings in effect, in a fixed order. Without the port: it may change from start to start.
  private var lines: [String] {
    let own = [
      "listen_addresses": "127.0.0.1", "unix_socket_directories": socketFolder, "unix_socket_permissions": "0700",
      "cluster_name": clusterName, "lc_messages": "C", "logging_collector": "off",
      "password_encryption": "scram-sha-256",
    ]
    let given = Dictionary(settings.map { ($0.key.lowercased(), $0.value) }) { $1 }
    return Self.defaults.merging(given) { $1 }.merging(own) { $1 }
      .sorted { $0.key < $1.key }
      .map { "\($0.key) = '\(Self.quoted($0.value))'" }
  }

  private static func quoted(_ value: String) -> String {
    value.reduce(into: "") { $0 += $1 == "'" ? "''" : $1 == "\\" ? "\\\\" : String($1) }
  }

  var digest: String { Checksum((lines + ["layout \(Self.layout)"]).joined(separator: "\n")).text }

  func text(port: Int) -> String {
    (["# Written by poolops at each start; put settings into the experiment file instead.", "port = \(port)"] + lines)
      .joined(separator: "\n") + "\n"
  }

  /// Without a password only through the socket, whose folder is private; over loopback only the load's role.
  static let hba = """
    # Written by poolops.
    local all all trust
    host \(database) \(loadRole) 127.0.0.1/32 scram-sha-256

    """
}

/// Why a server did not start, read from what it logged.
enum StartFailure: Equatable {
  case portBusy
  case otherServer
  case badSetting(name: String, reason: String)
  case diskFull
  case damaged
  case other(String)

  /// - Parameter names: the settings of the experiment, to tell a bad one by its name.
  init(log: String, names: [String]) {
    let lines = log.split(separator: "\n").map(String.init)
    let faults = lines.filter { line in ["FATAL:", "PANIC:", "ERROR:"].contains { line.contains($0) } }
    func contains(_ text: String) -> Bool { log.contains(text) }
    if contains("Address already in use") || contains("could not create any TCP/IP sockets") {
      self = .portBusy; return
    }
    if contains("lock file") && contains("already exists") || contains("pre-existing shared memory block") {
      self = .otherServer
      return
    }
    if contains("No space left on device") && !contains("shared memory") { self = .diskFull; return }
    for name in names {
      if let line = lines.first(where: {
        $0.lowercased().contains("\"\(name.lowercased())\"") || $0.contains("\(name) ")
      }) {
        self = .badSetting(name: name, reason: Self.message(of: line))
        return
      }
    }
    if contains("PANIC:") || contains("pg_control") || contains("checkpoint record")
      || contains("incompatible with server")
    {
      self = .damaged
      return
    }
    self = .other((faults.last ?? lines.last).map(Self.message) ?? "it ended without a word")
  }

  /// A log line without its time and level.
  private static func message(of line: String) -> String {
    for mark in ["FATAL:  ", "PANIC:  ", "ERROR:  ", "LOG:  "] {
      if let range = line.firstRange(of: mark) { return String(line[range.upperBound...]) }
    }
    return line
  }
}

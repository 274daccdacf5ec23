internal import Glibc
import Model
import System

/// The folders of a staging: what belongs to poolops, and what belongs to the account that runs the server.
struct ClusterHome {
  /// `<root>/.poolops/staging`: the locks and the env file of the built-in pool.
  var folder: String
  /// Private to the server's account: data, log, socket.
  var home: String
  var socketFolder: String
  var account: ServerAccount

  /// The longest socket path that the kernel takes.
  static let longestSocketPath = 107

  var data: String { home + "/data" }
  var log: String { home + "/server.log" }
  var portFile: String { home + "/port" }
  /// Written last when a cluster is made: without it the data folder is half made.
  var completeMark: String { home + "/complete" }
  /// Holds the boot id while the server may be running: found after another boot, the data may be torn.
  var bootMark: String { home + "/running" }
  /// The load role's password over loopback, for the person who owns the folder.
  var passwordFile: String { folder + "/loopback-password" }
  var manageLock: String { folder + "/manage.lock" }

  var processes: ServerProcesses { ServerProcesses(dataFolder: data, owner: account.user) }
  /// Whether the server's files had to be put elsewhere.
  var isElsewhere: Bool { !home.hasPrefix(folder) }

  /// Names the folders without making any.
  init(root: String, account: ServerAccount) {
    let root = FileSystem.canonical(root) ?? root
    let folder = Self.folder(of: root)
    self.folder = folder
    self.account = account
    let nearest = FileSystem.exists(folder) ? folder : root
    home = account.canReach(nearest) ? folder + "/cluster" : "/var/tmp/poolops-" + Checksum(folder).text
    let longest = home + "/socket/.s.PGSQL.65535"
    socketFolder =
      longest.utf8.count <= Self.longestSocketPath ? home + "/socket" : "/tmp/poolops-" + Checksum(folder).text
  }

  static func folder(of root: String) -> String { (root == "/" ? "" : root) + "/.poolops/staging" }

  /// Makes the folders that are missing.
  static func make(root: String, account: ServerAccount) throws(StagingError) -> ClusterHome {
    guard let root = FileSystem.canonical(root) else { throw StagingError(SystemFault("realpath", root)) }
    try forStaging { () throws(SystemFault) in try FileSystem.makeFolder(folder(of: root), mode: 0o755) }
    let made = ClusterHome(root: root, account: account)
    guard access(made.folder, W_OK) == 0 else { throw StagingError(SystemFault("access", made.folder)) }
    try account.makePrivateFolder(made.home)
    try account.makePrivateFolder(made.socketFolder)
    return made
  }
}

internal import Glibc
import System

/// The system account that runs the embedded server. PostgreSQL refuses to run as root, so root lends it another one.
package struct ServerAccount {
  var name: String
  var user: uid_t
  var group: gid_t
  /// Whether poolops must change to the account to start a program as it.
  var isBorrowed: Bool

  /// The caller's own account; for root `postgres`, or else `nobody`.
  package static func current() throws(StagingError) -> ServerAccount {
    guard geteuid() == 0 else {
      return ServerAccount(name: "uid \(geteuid())", user: geteuid(), group: getegid(), isBorrowed: false)
    }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name)?.pointee {
        return ServerAccount(name: name, user: entry.pw_uid, group: entry.pw_gid, isBorrowed: true)
      }
    }
    throw StagingError(
      .missingProgram, wanted: "postgres", reason: "there is no account 'postgres' or 'nobody' to run it as")
  }

  private static let setprivPaths = ["/usr/bin/setpriv", "/bin/setpriv"]

  /// The command as this account runs it. `setpriv` executes it in place, so its process id is the program's.
  package func command(_ program: [String]) throws(StagingError) -> [String] {
    guard isBorrowed else { return program }
    guard let setpriv = Self.setprivPaths.first(where: FileSystem.isExecutable) else {
      throw StagingError(
        .missingProgram, wanted: "setpriv", reason: "poolops needs it to start PostgreSQL as '\(name)' and not as root")
    }
    return [setpriv, "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"] + program
  }

  /// Whether the account may pass through the folder and all above it.
  func canReach(_ folder: String) -> Bool {
    guard isBorrowed else { return true }
    var path = folder
    while true {
      guard let status = FileSystem.status(of: path), mayPass(status) else { return false }
      if path == "/" { return true }
      path = FileSystem.parent(of: path)
    }
  }

  private func mayPass(_ status: stat) -> Bool {
    if status.st_uid == user { return status.st_mode & S_IXUSR != 0 }
    if status.st_gid == group { return status.st_mode & S_IXGRP != 0 }
    return status.st_mode & S_IXOTH != 0
  }

  /// A folder of mode 0700 that belongs to the account. One that is there already must be its own or ours:
  /// in /tmp and /var/tmp anybody could have made it first.
  package func makePrivateFolder(_ path: String) throws(StagingError) {
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw StagingError(SystemFault("mkdir", path)) }
    guard let found = FileSystem.status(of: path, followingLinks: false), found.st_mode & S_IFMT == S_IFDIR,
      found.st_uid == user || found.st_uid == geteuid()
    else { throw StagingError(.unsafeFolder, path: path) }
    if found.st_uid != user, chown(path, user, group) != 0 { throw StagingError(SystemFault("chown", path)) }
    if chmod(path, 0o700) != 0 { throw StagingError(SystemFault("chmod", path)) }
  }
}

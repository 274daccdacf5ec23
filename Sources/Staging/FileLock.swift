internal import CPlatform
internal import Glibc
import System

/// A lock that the kernel gives back when the process ends, however it ends. The file holds the holder's process id.
final class FileLock {
  private let descriptor: Int32
  let path: String

  /// Takes the lock, waiting up to `patience` for another holder.
  /// - Parameter mode: of a file that is new, whatever the umask is.
  init(_ path: String, patience: Duration = .zero, mode: mode_t = 0o644) throws(StagingError) {
    self.path = path
    let isNew = !FileSystem.exists(path)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode)
    if descriptor < 0 { throw StagingError(SystemFault("open", path)) }
    if isNew { fchmod(descriptor, mode) }
    let end = ContinuousClock.now + patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw StagingError(SystemFault("flock", path)) }
      if ContinuousClock.now >= end { throw StagingError(.locked, path: path, pid: Self.writtenPID(path)) }
      usleep(20_000)
    }
    let text = Array("\(getpid())\n".utf8)
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  deinit { close(descriptor) }

  /// The process that holds the lock now; nil when it is free. A holder whose id cannot be read is 0.
  static func holder(of path: String) -> Int32? {
    let probe = open(path, O_RDONLY | O_CLOEXEC)
    guard probe >= 0 else { return nil }
    defer { close(probe) }
    guard flock(probe, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return writtenPID(path) ?? 0
  }

  private static func writtenPID(_ path: String) -> Int32? {
    FileSystem.text(of: path).flatMap { Int32($0.prefix { $0.isNumber }) }
  }
}

internal import Glibc
import System

extension StagingError {
  init(_ fault: SystemFault) {
    switch fault.number {
    case ENOSPC, EDQUOT: self.init(.diskFull, path: fault.path)
    case EACCES, EPERM, EROFS: self.init(.notWritable, path: fault.path, reason: fault.reason)
    default: self.init(.system, wanted: fault.call, path: fault.path, reason: fault.reason)
    }
  }
}

/// Runs `body` and words its fault for staging.
func forStaging<R: ~Copyable>(_ body: () throws(SystemFault) -> R) throws(StagingError) -> R {
  do throws(SystemFault) { return try body() } catch { throw StagingError(error) }
}

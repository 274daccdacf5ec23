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

/// FNV-1a, 64 bits, as hex: a short name for a path or a text. Not for secrets.
func shortDigest(_ text: String) -> String {
  let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

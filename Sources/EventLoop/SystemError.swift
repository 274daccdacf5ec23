internal import CPlatform
internal import Glibc

/// A system call that failed: which one, and errno.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  package var call: String
  package var code: Int32

  package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// Runs a system call again while a signal interrupts it; throws errno with the call's name.
@discardableResult
func system(_ call: String, _ body: () -> Int32) throws(SystemError) -> Int32 {
  while true {
    let result = body()
    if result >= 0 { return result }
    if errno != EINTR { throw SystemError(call: call, code: errno) }
  }
}

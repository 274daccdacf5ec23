import Glibc

/// A system call that failed: its name, what it was about, and errno.
package struct SystemFault: Error {
  package var call: String
  package var path: String
  package var number: Int32
  package var reason: String { String(cString: strerror(number)) }

  package init(_ call: String, _ path: String, _ number: Int32 = errno) {
    self.call = call
    self.path = path
    self.number = number
  }
}

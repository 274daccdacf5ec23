import CPlatform
import Glibc

/// An open file, closed by `deinit`. Never inherited by a program that poolops starts.
package struct File: ~Copyable {
  package let descriptor: Int32

  package init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemFault) {
    descriptor = open(path, flags | O_CLOEXEC, mode)
    if descriptor < 0 { throw SystemFault("open", path) }
  }
  deinit { close(descriptor) }

  package func write(_ bytes: [UInt8], path: String) throws(SystemFault) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw SystemFault("write", path) }
      sent += count
    }
  }

  package func readAll(path: String) throws(SystemFault) -> [UInt8] {
    try readAll(path: path, limit: .max) ?? []
  }

  /// All that is in the file; nil when that is more than `limit` bytes.
  package func readAll(path: String, limit: Int) throws(SystemFault) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw SystemFault("read", path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      if bytes.count > limit { return nil }
    }
  }
}

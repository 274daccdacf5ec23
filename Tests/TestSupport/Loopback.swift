import Glibc
import System

/// TCP on 127.0.0.1.
package enum Loopback {
  /// A socket that listens on this port, or on one that is free.
  package static func listener(on port: UInt16 = 0, flags: Int32 = 0) throws(SystemFault) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue) | flags, 0)
    // The next one may have the port at once, although connections of this one are not forgotten yet.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    if at(port, { bind(descriptor, $0, $1) }) != 0 || listen(descriptor, 64) != 0 {
      defer { close(descriptor) }
      throw SystemFault("bind", "127.0.0.1:\(port)")
    }
    return descriptor
  }

  /// Where it listens.
  package static func port(of descriptor: Int32) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  package static func connects(_ descriptor: Int32, to port: UInt16) -> Bool {
    at(port) { connect(descriptor, $0, $1) } == 0
  }

  /// Ports that nothing listens on now, taken all at once so that none is found twice.
  package static func freePorts(_ count: Int) throws(SystemFault) -> [Int] {
    var listeners: [Int32] = []
    defer { for descriptor in listeners { close(descriptor) } }
    for _ in 0..<count { listeners.append(try listener()) }
    return listeners.map { Int(port(of: $0)) }
  }

  package static func freePort() throws(SystemFault) -> Int { try freePorts(1)[0] }

  private static func at<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}

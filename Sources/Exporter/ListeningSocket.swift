internal import Glibc

/// A socket that waits for connections, closed by `deinit` unless it was handed over.
struct ListeningSocket: ~Copyable {
  private(set) var descriptor: Int32
  /// With the port that it got.
  let address: ListenAddress

  init(at address: ListenAddress) throws(ExporterFault) {
    let descriptor = try Self.bound(to: address)
    self.address = ListenAddress(host: address.host, port: Self.port(of: descriptor) ?? address.port)
    self.descriptor = descriptor
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Somebody else closes it.
  mutating func handOver() { descriptor = -1 }

  private static func bound(to address: ListenAddress) throws(ExporterFault) -> Int32 {
    let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(address.family, Int32(flags), 0)
    guard descriptor >= 0 else { throw fault(address, errno) }
    // Connections of a server that ended a moment ago are no reason to refuse; one that listens is.
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let bytes = address.socketAddress
    let code = bytes.withUnsafeBytes { bytes in
      bind(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard code == 0, listen(descriptor, SOMAXCONN) == 0 else {
      defer { close(descriptor) }
      throw fault(address, errno)
    }
    return descriptor
  }

  private static func port(of descriptor: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
      guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        getsockname(descriptor, base, &size) == 0
      else { return nil }
      // The port stands at the same place in the addresses of both families.
      return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }
  }

  static func fault(_ address: ListenAddress, _ number: Int32) -> ExporterFault {
    let message =
      switch number {
      case EADDRINUSE:
        "\(address.text) is in use: something listens there already; name another port, or 0 for any that is free"
      case EACCES: "port \(address.port) needs privileges that this process does not have; name one from 1024 on"
      case EADDRNOTAVAIL: "\(address.host) is no address of this machine; 127.0.0.1 is, and 0.0.0.0 means every one"
      case EAFNOSUPPORT: "\(address.host) cannot be served: this machine has no IPv6; name an IPv4 address"
      default: "nothing can listen at \(address.text): \(String(cString: strerror(number)))"
      }
    return ExporterFault(code: .cannotListen, message: message)
  }
}

internal import CPlatform
internal import Glibc

/// Files of /proc, read whole in one go.
enum ProcFile {
  /// nil when it is not there or not ours to read.
  static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  /// Ticks of the kernel's clock in a second.
  static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
  static let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))

  /// The number before `kB` in the line that begins with `name`, in bytes.
  static func bytes(_ name: String, in text: String) -> Double? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
    }
    return nil
  }
}

import CPlatform
import Glibc

/// Programs that poolops starts: always by full path, without a shell, with a small environment and no descriptor of ours.
package enum Subprocess {
  package struct Result {
    /// The exit code; 128 + n when signal n ended it.
    package var status: Int32
    /// Standard output and standard error together.
    package var output: String
  }

  /// Runs a program to its end, or kills it at the limit.
  package static func run(_ command: [String], within limit: Duration) throws(SystemFault) -> Result {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { throw SystemFault("pipe", command[0]) }
    defer { close(ends[0]) }
    for end in ends { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let pid: pid_t
    do {
      let nothing = try File("/dev/null", O_RDONLY)
      pid = try spawn(command, input: nothing.descriptor, output: ends[1])
    } catch {
      close(ends[1])
      throw error
    }
    close(ends[1])
    let output = drain(ends[0], until: .now + limit) ?? ""
    return Result(status: reap(pid, until: .now + .seconds(1)), output: output)
  }

  /// Starts a program in a session of its own and returns its process id. The caller reaps it.
  package static func spawn(_ command: [String], input: Int32, output: Int32) throws(SystemFault) -> pid_t {
    var pid: pid_t = 0
    let result = withCStrings(command) { arguments in
      withCStrings(environment()) { poolops_spawn(command[0], arguments, $0, input, output, output, &pid) }
    }
    if result != 0 { throw SystemFault("posix_spawn", command[0], result) }
    return pid
  }

  /// Nothing of the caller's PG* variables, locale or secrets.
  private static func environment() -> [String] {
    var variables = [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/",
    ]
    if let path = getenv("LD_LIBRARY_PATH") { variables.append("LD_LIBRARY_PATH=" + String(cString: path)) }
    return variables
  }

  package static func withCStrings<R>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }

  /// All that is written until the other end closes; nil when the moment came first.
  private static func drain(_ descriptor: Int32, until end: ContinuousClock.Instant) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = Int32(clamping: (end - .now).wholeMilliseconds)
      if left <= 0 { return nil }
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&ready, 1, left) <= 0 { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      if count > 0 { bytes += buffer[..<count] }
    }
  }

  private static func reap(_ pid: pid_t, until end: ContinuousClock.Instant) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) == 0 {
      if ContinuousClock.now >= end {
        kill(pid, SIGKILL)
        waitpid(pid, &status, 0)
        break
      }
      usleep(1000)
    }
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }
}

extension Duration {
  package var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}

import CPlatform
import Glibc

/// A program of the user's with its words and its surroundings; no shell reads any of them.
package struct Program: Hashable, Sendable {
  /// The first one is a path, taken from `folder`, or a name that is looked for in PATH.
  package var words: [String]
  package var variables: [String: String]
  /// Where it starts.
  package var folder: String
  package init(_ words: [String], variables: [String: String], folder: String) {
    self.words = words
    self.variables = variables
    self.folder = folder
  }

  package struct Ending: Hashable, Sendable {
    /// The exit code; 128 + n when signal n ended it.
    package var status: Int32
    /// The last bytes of standard output and standard error together.
    package var output: String
    package var wasKilled: Bool
  }

  /// Runs it to its end, or kills it and what it started when the limit comes first.
  ///
  /// What it leaves running keeps its output: a file, not a pipe, so that an app started by it neither holds this call up nor
  /// dies of a pipe that nobody reads.
  /// - Parameter most: bytes of output that are kept, the last ones.
  package func run(within limit: Duration, keeping most: Int = 8192) throws(SystemFault) -> Ending {
    let nothing = try File("/dev/null", O_RDONLY)
    let output = try Self.outputFile()
    let pid = try spawn(input: nothing.descriptor, output: output.descriptor)
    let (status, wasKilled) = Self.wait(for: pid, until: .now + limit)
    return Ending(status: status, output: Self.tail(of: output.descriptor, most), wasKilled: wasKilled)
  }

  private func spawn(input: Int32, output: Int32) throws(SystemFault) -> pid_t {
    guard let path = path else { throw SystemFault("posix_spawn", words.first ?? "", ENOENT) }
    var pid: pid_t = 0
    let result = Subprocess.withCStrings(words) { arguments in
      Subprocess.withCStrings(variables.map { "\($0.key)=\($0.value)" }.sorted()) {
        poolops_spawn_in(folder, path, arguments, $0, input, output, output, &pid)
      }
    }
    if result != 0 { throw SystemFault("posix_spawn", path, result) }
    return pid
  }

  /// The program's file; nil where there is none.
  package var path: String? {
    guard let name = words.first, !name.isEmpty else { return nil }
    if name.contains("/") { return name.hasPrefix("/") ? name : "\(folder)/\(name)" }
    let places = (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    return places.map { "\($0)/\(name)" }.first { FileSystem.isExecutable($0) }
  }

  /// Has no name, so that nothing is left of it.
  private static func outputFile() throws(SystemFault) -> File {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let path = "\(FileSystem.isExecutable(folder) ? folder : "/tmp")/poolops-output-\(UInt64.random(in: 0 ... .max))"
    let file = try File(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND)
    unlink(path)
    return file
  }

  private static func wait(for pid: pid_t, until end: ContinuousClock.Instant) -> (status: Int32, wasKilled: Bool) {
    var status: Int32 = 0
    var pause: UInt32 = 500
    while waitpid(pid, &status, WNOHANG) == 0 {
      if ContinuousClock.now >= end { return (kill(pid), true) }
      usleep(pause)
      pause = min(20_000, pause * 2)
    }
    return (code(status), false)
  }

  /// It leads a session and a group of its own: all that it started and that did not leave the group goes with it.
  private static func kill(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    Glibc.kill(-pid, SIGTERM)
    for _ in 0..<50 where waitpid(pid, &status, WNOHANG) == 0 { usleep(20_000) }
    Glibc.kill(-pid, SIGKILL)
    waitpid(pid, &status, 0)
    return code(status)
  }

  private static func code(_ status: Int32) -> Int32 {
    status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  private static func tail(of descriptor: Int32, _ most: Int) -> String {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - most)
    var bytes = [UInt8](repeating: 0, count: max(0, size - start))
    let count = pread(descriptor, &bytes, bytes.count, off_t(start))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

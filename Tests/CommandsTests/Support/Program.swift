import CPlatform
import Glibc
import System
import TestSupport

/// A program of the package, started as a person would start it. Its output goes to files, so it never waits for us.
final class Program {
  struct Ending {
    /// The exit code; 128 + n when signal n ended it.
    var status: Int32
    var output: String
    var error: String
  }
  struct NotStarted: Error { var path: String, number: Int32 }
  struct TooSlow: Error { var words: [String], error: String }

  private(set) var pid: pid_t = 0
  private let words: [String]
  private let isOurs: Bool
  private let folder = TemporaryFolder()
  private var ending: Ending?

  /// - Parameter path: a file, or the name of one of the package's own executables.
  init(_ path: String, _ words: [String], variables: [String: String] = [:]) throws {
    self.words = words
    isOurs = !path.hasPrefix("/")
    let path = path.hasPrefix("/") ? path : Self.products + "/" + path
    let standard = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
    ]
    let environment = standard.merging(variables) { $1 }.map { "\($0.key)=\($0.value)" }
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let sinks = ["output", "error"].map {
      open("\(folder.path)/\($0)", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }
    defer { for descriptor in [nothing] + sinks { close(descriptor) } }
    let result = Subprocess.withCStrings([path] + words) { arguments in
      Subprocess.withCStrings(environment) { poolops_spawn(path, arguments, $0, nothing, sinks[0], sinks[1], &pid) }
    }
    guard result == 0 else { throw NotStarted(path: path, number: result) }
  }

  deinit {
    guard ending == nil, pid > 0 else { return }
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
  }

  /// The folder that the test's own executable was built into.
  static let products = FileSystem.parent(of: FileSystem.canonical("/proc/self/exe") ?? "./")

  var isRunning: Bool {
    if ending != nil { return false }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return true }
    end(status)
    return false
  }

  /// Whether SIGSTOP holds it.
  var isStopped: Bool { text(of: "/proc/\(pid)/stat")?.contains(") T ") == true }

  func signal(_ number: Int32) { if ending == nil { kill(pid, number) } }

  /// Waits for the end; kills a program that takes longer, and throws.
  @discardableResult
  func wait(within limit: Duration = .seconds(60)) throws -> Ending {
    let end = ContinuousClock.now + limit
    while isRunning {
      if ContinuousClock.now > end {
        kill(pid, SIGKILL)
        throw TooSlow(words: words, error: read("error"))
      }
      usleep(5000)
    }
    guard let ending else { throw TooSlow(words: words, error: "") }
    return ending
  }

  /// Waits until `condition` holds; throws when the program ends before, or after 30 s.
  func wait(until condition: () -> Bool) throws {
    let end = ContinuousClock.now + .seconds(30)
    while !condition() {
      guard isRunning, ContinuousClock.now < end else { throw TooSlow(words: words, error: read("error")) }
      usleep(5000)
    }
  }

  private func end(_ status: Int32) {
    let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    let ending = Ending(status: code, output: read("output"), error: read("error"))
    if isOurs { PlantedSecrets.expectNone(in: ending, words) }
    self.ending = ending
  }

  /// What it has written so far.
  var outputSoFar: String { read("output") }
  var errorSoFar: String { read("error") }

  private func read(_ name: String) -> String { text(of: "\(folder.path)/\(name)") ?? "" }
}

/// A file's bytes; nil when it cannot be read.
func bytes(of path: String) -> [UInt8]? { (try? FileSystem.bytes(of: path)) ?? nil }

func text(of path: String) -> String? { FileSystem.text(of: path) }

func write(_ text: String, to path: String) { writeBytes(Array(text.utf8), to: path) }

func writeBytes(_ bytes: [UInt8], to path: String) {
  do {
    try File(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).write(bytes, path: path)
  } catch {
    preconditionFailure("\(error)")
  }
}

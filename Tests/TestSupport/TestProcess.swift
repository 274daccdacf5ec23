import Glibc
import Staging
import System

/// A program beside the tests, such as a server that they talk to, with a folder of its own. It is killed with all that it started, and the
/// folder removed, when the last reference goes or this process ends, however it ends.
///
/// It runs as the account of the embedded PostgreSQL: so it reaches that one's socket, and some servers refuse to run as root.
package final class TestProcess: Sendable {
  /// It ended, or was not ready in time: its log says why.
  package struct NotStarted: Error, CustomStringConvertible {
    package var program: String
    package var log: String
    package var description: String { "\(program) did not start:\n\(log)" }
  }

  package let pid: pid_t
  private let home: TemporaryFolder
  private let reaper: Reaper

  /// Starts it, and returns when it is ready.
  /// - Parameter home: a folder with what it needs, which is the program's own from now on.
  package init(
    _ words: [String], in home: TemporaryFolder = TemporaryFolder(), isReady: (TestProcess) -> Bool = { _ in true }
  ) throws {
    let account = try ServerAccount.current()
    try account.makePrivateFolder(home.path)
    let nothing = try File("/dev/null", O_RDONLY)
    let log = try File("\(home.path)/log", O_WRONLY | O_CREAT | O_APPEND)
    pid = try Subprocess.spawn(account.command(words), input: nothing.descriptor, output: log.descriptor)
    reaper = try Reaper("kill -9 \"-$1\"; rm -rf -- \"$2\"", ["\(pid)", home.path])
    self.home = home
    guard becomes(isReady, within: .seconds(20)) else { throw NotStarted(program: words[0], log: self.log) }
  }

  /// A server that takes a port which is free, and tells it in its log after some words.
  package static func listening(
    _ words: [String], in home: TemporaryFolder = TemporaryFolder(), telling phrase: String
  ) throws -> (TestProcess, port: Int) {
    let process = try TestProcess(words, in: home) { $0.number(after: phrase) != nil }
    return (process, process.number(after: phrase) ?? 0)
  }

  /// A server in Python that prints `port ` and its port once it listens there.
  package static func python(
    _ script: String, _ words: [String] = [], in home: TemporaryFolder = TemporaryFolder()
  ) throws -> (TestProcess, port: Int) {
    try listening(["/usr/bin/python3", "-I", "-S", "-c", script] + words, in: home, telling: "port ")
  }

  deinit {
    reaper.act()
    waitpid(pid, nil, 0)
  }

  package var folder: String { home.path }

  /// What it has written so far.
  package var log: String { FileSystem.text(of: "\(folder)/log") ?? "" }

  package func signal(_ number: Int32) { kill(pid, number) }

  /// Its sockets are closed when this returns.
  package func die() {
    signal(SIGKILL)
    while !hasEnded { usleep(1000) }
  }

  /// It is not reaped before `deinit`, so that its id stays its own.
  private var hasEnded: Bool {
    var end = siginfo_t()
    return waitid(P_PID, id_t(pid), &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_signo == SIGCHLD
  }

  private func becomes(_ isReady: (TestProcess) -> Bool, within limit: Duration) -> Bool {
    let end = ContinuousClock.now + limit
    while !hasEnded, ContinuousClock.now < end {
      if isReady(self) { return true }
      usleep(5000)
    }
    return false
  }

  /// The number that stands in its log after this phrase, with something behind it.
  private func number(after phrase: String) -> Int? {
    let log = log
    guard let range = log.firstRange(of: phrase) else { return nil }
    let digits = log[range.upperBound...].prefix(while: \.isNumber)
    return digits.endIndex == log.endIndex ? nil : Int(digits)
  }
}

import CPlatform
import Glibc
import System

/// A shell script that is run when this process ends, however it ends: also after SIGKILL. Or earlier, when it is told to.
///
/// A shell waits for the end of a pipe that only this process holds open. (A parent-death signal will not do: it fires when the thread ends
/// that started the program.)
package struct Reaper: Sendable {
  private let shell: pid_t
  private let end: Int32

  /// - Parameter words: the script's `$1` and so on.
  package init(_ script: String, _ words: [String]) throws(SystemFault) {
    let nowhere = try File("/dev/null", O_WRONLY)
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { throw SystemFault("pipe", script) }
    defer { close(ends[0]) }
    for end in ends { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    shell = try Subprocess.spawn(
      ["/bin/sh", "-c", "read -r _\n" + script, "sh"] + words, input: ends[0], output: nowhere.descriptor)
    end = ends[1]
  }

  /// Runs the script now, to its end. Once only.
  package func act() {
    close(end)
    waitpid(shell, nil, 0)
  }
}

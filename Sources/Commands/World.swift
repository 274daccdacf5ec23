import CPlatform
import EventLoop
import Glibc
import Model
import Runner
import Staging

/// Everything that a command takes from outside, so that a command is a function that a test can call.
package struct World {
  /// The words after the program's name.
  package var arguments: [String]
  package var variables: [String: String]
  /// Where the process stands; paths are relative to it.
  package var directory: String
  /// Data goes here; a final newline is the caller's.
  package var output: (String) -> Void
  /// Messages and progress go here.
  package var error: (String) -> Void
  package var outputIsTerminal: Bool
  package var errorIsTerminal: Bool
  /// Width of the terminal in columns.
  package var columns: Int
  package var now: () -> Timestamp
  package var randomSeed: () -> UInt64
  /// One line that a person types, without its end; nil at the end of the input.
  package var readLine: () -> String? = { nil }
  package var inputIsTerminal = false
  /// Whether nobody reads standard output any more: `poolops monitor | head` is to end.
  package var readerIsGone: () -> Bool = { false }
  /// Why not all could be written to standard output; nil where all was, or nobody wanted it.
  package var outputFault: () -> String? = { nil }
  /// Asks apps over HTTP.
  package var fetch: any Fetching = AppFetch()
  /// Stands between the runner and its ports. In production nothing does; a test ends the process at a named call.
  package var instrument: (RunnerPorts) -> RunnerPorts = { $0 }

  package init(
    arguments: [String], variables: [String: String], directory: String, output: @escaping (String) -> Void,
    error: @escaping (String) -> Void, outputIsTerminal: Bool = false, errorIsTerminal: Bool = false,
    columns: Int = 100, now: @escaping () -> Timestamp, randomSeed: @escaping () -> UInt64
  ) {
    self.arguments = arguments
    self.variables = variables
    self.directory = directory
    self.output = output
    self.error = error
    self.outputIsTerminal = outputIsTerminal
    self.errorIsTerminal = errorIsTerminal
    self.columns = columns
    self.now = now
    self.randomSeed = randomSeed
  }

  /// Colour is for a terminal that can show it and a person who wants it (https://no-color.org).
  /// Where there is none, nothing moves either.
  package func wantsColour(onTerminal isTerminal: Bool) -> Bool {
    isTerminal && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
  }
}

extension World {
  /// The process's own world.
  package static func process() -> World {
    let fault = FirstFault()
    var world = World(
      arguments: Array(CommandLine.arguments.dropFirst()), variables: processVariables(),
      directory: workingDirectory(), output: { fault.keep(write($0, to: 1)) }, error: { _ = write($0, to: 2) },
      outputIsTerminal: isatty(1) == 1, errorIsTerminal: isatty(2) == 1, columns: terminalColumns(),
      now: { Timestamp(microseconds: WallClock.now / 1000) }, randomSeed: { UInt64.random(in: 1...UInt64(Int32.max)) })
    world.outputFault = { fault.reason }
    world.readLine = { Swift.readLine() }
    world.inputIsTerminal = isatty(0) == 1
    world.readerIsGone = {
      var output = pollfd(fd: 1, events: 0, revents: 0)
      return poll(&output, 1, 0) > 0 && output.revents & Int16(POLLERR) != 0
    }
    return world
  }

  private static func terminalColumns() -> Int {
    let columns = [poolops_terminal_columns(2), poolops_terminal_columns(1)].first { $0 > 0 }
    return columns.map(Int.init) ?? 100
  }

  private static func workingDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  private static func processVariables() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }

  /// What went wrong first in writing, but for a reader who went away or never was there (`>&-`).
  private final class FirstFault {
    private(set) var reason: String?

    func keep(_ number: Int32) {
      guard reason == nil, ![0, EPIPE, EBADF].contains(number) else { return }
      reason = String(cString: strerror(number))
    }
  }

  /// Writes all of it; a reader that went away (`poolops ... | head`) ends the writing, not the process.
  /// - Returns: the error's number, or 0.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : EIO }
      bytes = bytes.dropFirst(count)
    }
    return 0
  }
}

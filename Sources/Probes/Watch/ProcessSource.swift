internal import CPlatform
internal import Glibc
import Monitor

/// A process of this machine with all that it has started: CPU and memory, from `/proc`.
package final class ProcessSource: SourceReader {
  package enum Which: Sendable {
    case pid(Int32)
    /// A file whose first line is the number of a process, read each time.
    case file(String)
    /// Looked for each time; nil while it is down.
    case found(@Sendable () -> Int32?)

    fileprivate var mayChange: Bool { if case .pid = self { false } else { true } }
  }

  private let which: Which
  private let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  private var root: ProcessTree.Root?
  /// Ticks of those that came before the present one, and its own at its first sample: the sum goes on when it is replaced.
  private var (earlier, base, last) = (0.0, 0.0, 0.0)

  package init(_ which: Which) { self.which = which }

  package func read() throws(SourceFault) -> SourceReading {
    let pid = try pid()
    guard let found = ProcessTree.Root(pid) else { throw SourceFault("there is no process \(pid)") }
    if let root, root != found {
      guard which.mayChange else {
        throw SourceFault("the process \(pid) has ended; another one has its number now")
      }
      earlier += last - base
      base = ProcessTree(found).ticks
    } else if root == nil {
      base = ProcessTree(found).ticks
    }
    root = found
    let tree = ProcessTree(found)
    last = max(tree.ticks, base)
    return SourceReading(
      machine: MachineReport(
        busySeconds: (earlier + last - base) / ProcFile.ticksPerSecond, cores: Int(cores), memory: tree.memory))
  }

  private func pid() throws(SourceFault) -> Int32 {
    switch which {
    case .pid(let pid): return pid
    case .found(let find):
      guard let pid = find() else { throw SourceFault("it is not running") }
      return pid
    case .file(let path):
      guard let text = ProcFile.text(path) else { throw SourceFault("there is no file \(path) that can be read") }
      let line = text.split(separator: "\n").first ?? ""
      guard let pid = Int32(line.filter { !$0.isWhitespace }), pid > 0 else {
        throw SourceFault("the first line of \(path) is no number of a process")
      }
      return pid
    }
  }
}

/// A process and its descendants at one moment.
struct ProcessTree {
  /// Tells a process from a later one with the same number.
  struct Root: Hashable {
    let pid: Int32
    let started: UInt64

    /// nil where there is none, or nothing but its record.
    init?(_ pid: Int32) {
      guard let stat = Stat(pid), !stat.isEnded else { return nil }
      self.pid = pid
      started = stat.started
    }
  }

  /// CPU time of all, and of all that ended below them. Never less than before, as long as no process is waited for by
  /// somebody else.
  let ticks: Double
  /// Resident bytes: what each has for itself, and once the most that one shares with others.
  let memory: Double

  private static let most = 10_000

  init(_ root: Root) {
    var (ticks, own, shared) = (0.0, 0.0, 0.0)
    var left = [root.pid]
    var seen: Set<Int32> = []
    while let pid = left.popLast(), seen.count < Self.most {
      guard seen.insert(pid).inserted, let stat = Stat(pid) else { continue }
      ticks += stat.ticks
      let pages = (ProcFile.text("/proc/\(pid)/statm") ?? "").split(separator: " ").compactMap { Double($0) }
      if pages.count > 2 {
        own += pages[1] - pages[2]
        shared = max(shared, pages[2])
      }
      left += Self.children(of: pid)
    }
    self.ticks = ticks
    memory = (own + shared) * ProcFile.pageSize
  }

  /// Of all its threads.
  private static func children(of pid: Int32) -> [Int32] {
    guard let folder = opendir("/proc/\(pid)/task") else { return [] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.first?.isNumber == true else { continue }
      let list = ProcFile.text("/proc/\(pid)/task/\(name)/children") ?? ""
      found += list.split(separator: " ").compactMap { Int32($0) }
    }
    return found
  }

  /// Fields 3, 14 to 17 and 22 of `/proc/PID/stat`, counted after the name, which may hold blanks (proc(5)).
  private struct Stat {
    var isEnded: Bool
    var ticks: Double
    var started: UInt64

    init?(_ pid: Int32) {
      guard let text = ProcFile.text("/proc/\(pid)/stat"), let mark = text.lastIndex(of: ")") else { return nil }
      let fields = text[mark...].dropFirst(2).split(separator: " ")
      guard fields.count > 19 else { return nil }
      isEnded = fields[0] == "Z" || fields[0] == "X"
      ticks = fields[11...14].compactMap { Double($0) }.reduce(0, +)
      started = UInt64(fields[19]) ?? 0
    }
  }
}

/// CPU seconds that a PostgreSQL server has used: the postmaster, its live children, and those that have ended.
///
/// From `/proc`. What lives is read to the nanosecond, where the kernel keeps `schedstat`: in ticks of 10 ms, dozens of
/// backends that each do little would hide most of what a short block costs. The server must run on this machine.
struct ProcessTreeCPU {
  private let postmaster: Int32
  private let started: UInt64
  private var last = 0.0

  /// nil when there is no such process.
  init?(postmaster: Int32) {
    guard let times = Self.times(of: postmaster) else { return nil }
    self.postmaster = postmaster
    started = times.started
  }

  private struct Times {
    /// Nanoseconds.
    var own: UInt64
    /// Nanoseconds, in ticks, of children that have ended and were waited for.
    var ended: UInt64
    /// Ticks after boot: tells a process from a later one with the same id.
    var started: UInt64
  }

  /// nil when the postmaster is gone. Never less than before.
  mutating func seconds() -> Double? {
    for attempt in 1...4 {
      guard let before = Self.times(of: postmaster), before.started == started else { return nil }
      // A kernel without this file would hide the live backends: no figure is better than a low one.
      guard let list = ProcFile.text("/proc/\(postmaster)/task/\(postmaster)/children") else { return nil }
      let children = list.split(separator: " ").compactMap { Int32($0) }
        .compactMap { Self.times(of: $0)?.own }.reduce(0, +)
      guard let after = Self.times(of: postmaster) else { return nil }
      // A child that ended in between stands in both sums or in neither; then look again.
      if before.ended != after.ended, attempt < 4 { continue }
      last = max(last, Double(after.own + after.ended + children) / 1e9)
      break
    }
    return last
  }

  /// Fields 14 to 17 and 22 of `/proc/PID/stat`, counted after the name, which may hold blanks (proc(5)).
  private static func times(of pid: Int32) -> Times? {
    guard let text = ProcFile.text("/proc/\(pid)/stat"), let mark = text.lastIndex(of: ")") else { return nil }
    let fields = text[mark...].dropFirst(2).split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    let numbers = fields.map { UInt64($0) ?? 0 }
    let own = max(nanoseconds(ticks: numbers[11] + numbers[12]), scheduled(pid) ?? 0)
    return Times(own: own, ended: nanoseconds(ticks: numbers[13] + numbers[14]), started: numbers[19])
  }

  private static func nanoseconds(ticks: UInt64) -> UInt64 {
    ticks * UInt64(1e9 / ProcFile.ticksPerSecond)
  }

  /// Time on a processor of the process's only thread, in nanoseconds: the first field of `schedstat`.
  private static func scheduled(_ pid: Int32) -> UInt64? {
    ProcFile.text("/proc/\(pid)/schedstat")?.split(separator: " ").first.flatMap { UInt64($0) }
  }
}

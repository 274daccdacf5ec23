/// Mean private resident memory of client backends, in bytes: what one more connection costs, shared buffers left out.
///
/// Reading a process's map takes the kernel a while, so at most `mostProcesses` are read, evenly chosen, every `interval`
/// seconds.
struct BackendMemory {
  static let mostProcesses = 12
  static let interval = 5.0

  private let interval: Double
  private var nextReading = -Double.infinity

  init(every interval: Double = Self.interval) { self.interval = interval }

  /// nil when it is not time yet, or no backend can be read.
  mutating func mean(of backends: [Int32], now: Double) -> Double? {
    guard now >= nextReading, !backends.isEmpty else { return nil }
    let step = max(1, (backends.count + Self.mostProcesses - 1) / Self.mostProcesses)
    let chosen = stride(from: 0, to: backends.count, by: step).map { backends[$0] }
    let sizes = chosen.compactMap(Self.privateBytes)
    guard !sizes.isEmpty else { return nil }
    nextReading = now + interval
    return sizes.reduce(0, +) / Double(sizes.count)
  }

  /// Exact from `smaps_rollup`; where that is not ours to read (root in a container), resident less shared from `statm`.
  static func privateBytes(of pid: Int32) -> Double? {
    if let text = ProcFile.text("/proc/\(pid)/smaps_rollup"), let clean = ProcFile.bytes("Private_Clean:", in: text),
      let dirty = ProcFile.bytes("Private_Dirty:", in: text)
    {
      return clean + dirty
    }
    let pages = (ProcFile.text("/proc/\(pid)/statm") ?? "").split(separator: " ").compactMap { Double($0) }
    return pages.count > 2 ? (pages[1] - pages[2]) * ProcFile.pageSize : nil
  }
}

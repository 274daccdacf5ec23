/// Resident memory of poolops itself: a load generator that grows for hours would be taken for a server that slows down.
struct OwnMemory {
  private var nextReading = -Double.infinity

  /// Bytes; nil when it is not time yet. Read as often as that of backends.
  mutating func bytes(now: Double) -> Double? {
    guard now >= nextReading, let text = ProcFile.text("/proc/self/statm") else { return nil }
    let pages = text.split(separator: " ").compactMap { Double($0) }
    guard pages.count > 1 else { return nil }
    nextReading = now + BackendMemory.interval
    return pages[1] * ProcFile.pageSize
  }
}

/// How old the oldest waiter is at most, of a source that tells only how many wait.
///
/// Whoever waits now has come since nobody was waiting. Where connections are handed out in turn and the source counts them, more
/// is known: once as many were handed out as requests were waiting at an earlier sample, all of those have been served, so whoever
/// waits now has come since that sample. A pool that lets requests overtake keeps to the first bound alone.
struct WaiterAge: Hashable, Sendable {
  private struct Sample: Hashable, Sendable {
    var at: Double
    var waiting: Double
    var acquisitions: Double?

    /// Whether everybody who was waiting then has left the queue.
    func isServed(_ acquisitions: Double?) -> Bool {
      if waiting == 0 { return true }
      guard let before = self.acquisitions, let acquisitions else { return false }
      return acquisitions - before >= waiting
    }
  }

  /// The latest sample whose waiters are all gone, and those after it; of a source that is new, all.
  private var samples: [Sample] = []

  /// A queue that grows for so many samples has long been told of.
  private static let most = 1000

  /// - Returns: seconds, never less than the true age; nil where it is not told how many wait.
  mutating func bound(_ now: Double, waiting: Double?, acquisitions: Double?) -> Double? {
    guard let waiting else { return nil }
    forgetIfRestarted(acquisitions)
    let sample = Sample(at: now, waiting: waiting, acquisitions: acquisitions)
    // The first is the one that counts, so the newest gives way.
    if samples.count == Self.most { samples.removeLast() }
    samples.append(sample)
    if let served = samples.lastIndex(where: { $0.isServed(acquisitions) }) { samples.removeFirst(served) }
    return now - samples[0].at
  }

  private mutating func forgetIfRestarted(_ acquisitions: Double?) {
    guard let acquisitions, let before = samples.last?.acquisitions, acquisitions < before else { return }
    samples = []
  }
}

/// Transfers in the order in which they began to wait for something. All have the same limit, so they run out in that order.
struct CurlPatience {
  private struct Entry {
    let transfer: CurlTransfer
    let turn: Int
    let end: Int64

    /// Whether the transfer still carries the request of then.
    var isOut: Bool { transfer.turn == turn }
  }

  private let limit: Int64?
  private let hasCome: (CurlTransfer) -> Bool
  private var entries: [Entry] = []
  private var first = 0

  /// - Parameters:
  ///   - limit: nil has no end, and costs nothing.
  ///   - hasCome: whether a transfer that is still out has what it waits for.
  init(limit: Duration?, unless hasCome: @escaping (CurlTransfer) -> Bool = { _ in false }) {
    self.limit = limit.map { $0.components.seconds * 1_000_000_000 + $0.components.attoseconds / 1_000_000_000 }
    self.hasCome = hasCome
  }

  /// When the oldest runs out; of one that is answered, nobody is the worse for that.
  var end: Int64? { first < entries.count ? entries[first].end : nil }

  mutating func watch(_ transfer: CurlTransfer, _ now: Int64) {
    guard let limit else { return }
    while first < entries.count, !isWaiting(entries[first]) { forgetOldest() }
    entries.append(Entry(transfer: transfer, turn: transfer.turn, end: now + limit))
  }

  /// The oldest whose time is over, unless it has what it waits for.
  mutating func takeLate(_ now: Int64) -> CurlTransfer? {
    while first < entries.count, entries[first].end <= now {
      let entry = entries[first]
      forgetOldest()
      if isWaiting(entry) { return entry.transfer }
    }
    return nil
  }

  private func isWaiting(_ entry: Entry) -> Bool { entry.isOut && !hasCome(entry.transfer) }

  private mutating func forgetOldest() {
    first += 1
    guard first >= 1024 || first == entries.count else { return }
    entries.removeFirst(first)
    first = 0
  }
}

extension HTTPFault {
  static let connectionLate = HTTPFault(code: .timeout, message: "no connection could be opened in time")
  static let firstByteLate = HTTPFault(code: .firstByteTimeout, message: "no byte of an answer came in time")
  static let answerLate = HTTPFault(code: .timeout, message: "the answer was not whole in time")
}

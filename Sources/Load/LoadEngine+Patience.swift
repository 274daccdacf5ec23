internal import Model
internal import Workload

/// Answers that do not come in time.
extension LoadEngine where Source: ~Copyable, Carrier: ~Copyable {
  mutating func watch(_ connection: Int32, _ request: Int32, _ now: Int64) {
    let entry = Patience.Entry(sent: now, connection: connection, request: request)
    if answers.isLimited { answers.watch(entry) }
    if firstBytes.isLimited { firstBytes.watch(entry) }
  }

  /// Whether the request of `entry` still waits for its answer, on the same connection.
  private func isOut(_ entry: Patience.Entry) -> Bool {
    connections[Int(entry.connection)].request == entry.request && requests[entry.request].sent == entry.sent
  }

  /// Forgets what was answered, so that nobody wakes up for it.
  mutating func endOfPatience() -> Int64 {
    var end = Int64.max
    while let oldest = answers.oldest {
      if isOut(oldest) {
        end = answers.end(oldest)
        break
      }
      answers.forgetOldest()
    }
    while let oldest = firstBytes.oldest {
      if isOut(oldest), !carrier.hasBegun(Int(oldest.connection)) { return min(end, firstBytes.end(oldest)) }
      firstBytes.forgetOldest()
    }
    return end
  }

  mutating func giveUpLate(_ now: Int64) {
    while endOfPatience() <= now {
      if let oldest = firstBytes.oldest, firstBytes.end(oldest) <= now {
        giveUp(oldest.connection, .firstByteTimeout, now)
      } else if let oldest = answers.oldest {
        giveUp(oldest.connection, .requestTimeout, now)
      }
    }
  }

  /// The request fails, and its connection with it: a late answer would be taken for the next one's.
  private mutating func giveUp(_ connection: Int32, _ error: ErrorClass, _ now: Int64) {
    fail(takeRequest(connection), error, now)
    pool.broken(connection, at: now)
    perform(now)
  }
}

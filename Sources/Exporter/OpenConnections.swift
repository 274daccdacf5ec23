/// Connections in the order in which they came or last asked, the one that did longest ago first.
///
/// A new one beyond the limit takes the place of the first: whoever opens many and asks nothing, or byte by byte, keeps nobody out.
struct OpenConnections<ID: Equatable> {
  private var entries: [(id: ID, socket: Int32)] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { entries.count }

  /// - Returns: the socket of the connection that is to end for this one.
  mutating func opened(_ id: ID, socket: Int32) -> Int32? {
    entries.append((id, socket))
    return entries.count > limit ? entries.removeFirst().socket : nil
  }

  mutating func asked(_ id: ID) {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
    entries.append(entries.remove(at: index))
  }

  mutating func closed(_ id: ID) { entries.removeAll { $0.id == id } }
}

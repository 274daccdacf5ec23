internal import Model

/// What the answers of a flow's requests give to the steps that follow.
struct FlowCaptures: ~Copyable {
  private struct Asked {
    var transaction = 0
    var visit = 0
    var isMissing = false
  }
  /// Places in `LoadSpec.captureNames`, of each transaction's captures in order.
  private let places: [[Int]]
  /// Of each connection.
  private var asked: [Asked]
  let isUsed: Bool
  private(set) var values: FlowValues

  init(_ load: LoadSpec, connections: Int) {
    let names = load.captureNames
    places = load.transactions.map { $0.captures.compactMap { names.firstIndex(of: $0.name) } }
    isUsed = !names.isEmpty
    asked = Array(repeating: Asked(), count: isUsed ? connections : 0)
    values = FlowValues(names: names.count)
  }

  /// Remembers whose request is sent.
  @inline(__always)
  mutating func note(_ transaction: Int, visit: Int, _ slot: Int) {
    if isUsed { asked[slot] = Asked(transaction: transaction, visit: visit) }
  }

  /// Keeps what the answer gave; false when a value is missing, so that the flow cannot go on.
  mutating func keep(_ found: [[UInt8]?], _ slot: Int) -> Bool {
    let places = places[asked[slot].transaction]
    for (index, place) in places.enumerated() {
      guard index < found.count, let value = found[index] else {
        asked[slot].isMissing = true
        return false
      }
      values.set(visit: asked[slot].visit, place, value)
    }
    return true
  }

  /// The request cannot be made of the values that were captured.
  mutating func miss(_ slot: Int) {
    if isUsed { asked[slot].isMissing = true }
  }

  /// Whether the last answer lacked a value; forgets it.
  mutating func takeMissing(_ slot: Int) -> Bool {
    guard isUsed, asked[slot].isMissing else { return false }
    asked[slot].isMissing = false
    return true
  }
}

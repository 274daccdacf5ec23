/// The loop's side of one slot of the pool.
struct ConnectionSlot: BitwiseCopyable {
  /// The request that uses it; -1 when none does.
  var request: Int32 = -1
  /// Counts the connections that were in this slot: an event of an earlier one is recognised by it.
  var generation: UInt32 = 0
  /// When opening was asked for.
  var asked: Int64 = 0
  /// Whether the poller also waits for room to write.
  var isBlocked = false
}

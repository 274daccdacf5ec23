/// Who asks, and when: a load shape as a machine. One file for each under `Shapes/`.
///
/// Times are nanoseconds of the driver's clock. A source never gives a request that is due at or after its end.
package protocol RequestSource: ~Copyable {
  /// When to ask for a request again at the latest: nothing falls due before, and the number of users stays. `Int64.max`
  /// when nothing will, or nothing until a running request is finished.
  var nextDue: Int64 { get }

  /// Takes the next request if it is due at `now` or before; nil when none is.
  mutating func take(dueAt now: Int64) -> DueRequest?

  /// The request of `user` was answered, or failed, at `now`.
  mutating func finished(user: Int, succeeded: Bool, at now: Int64)

  /// `finished`, and then `take(dueAt: now)`. To be written out where that is much less than the two.
  mutating func next(after user: Int, succeeded: Bool, at now: Int64) -> DueRequest?

  /// Users that take part, those included who only finish what they have begun; 0 in an open loop.
  var users: Int { get }

  /// Whether nothing will ever fall due again although the end is not reached, and all that was taken is finished.
  var isExhausted: Bool { get }

  /// What happened to flows since the last call; nil where the transactions are no steps of a flow.
  mutating func takeFlows() -> FlowPeriod?
}

extension RequestSource where Self: ~Copyable {
  package var users: Int { 0 }
  package var isExhausted: Bool { false }
  package mutating func takeFlows() -> FlowPeriod? { nil }
  package mutating func next(after user: Int, succeeded: Bool, at now: Int64) -> DueRequest? {
    finished(user: user, succeeded: succeeded, at: now)
    return take(dueAt: now)
  }
}

package struct DueRequest: BitwiseCopyable, Hashable, Sendable {
  package var due: Int64
  /// The user of a closed loop, or the visit of a flow; 0 in an open loop.
  package var user: Int
  /// Which transaction is asked for; -1: the driver chooses one by weight.
  package var transaction: Int32

  package init(due: Int64, user: Int, transaction: Int32 = -1) {
    self.due = due
    self.user = user
    self.transaction = transaction
  }
}

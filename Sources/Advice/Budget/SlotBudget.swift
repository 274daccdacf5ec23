import Configuration

/// The slots of a server, or the client connections of a pooler, against everybody that may take them.
package struct SlotBudget: Hashable, Sendable {
  package enum Side: Hashable, Sendable {
    /// Of the landscape's servers, by index.
    case server(Int)
    /// `max_client_conn` of the landscape's poolers, by index.
    case clients(Int)
  }

  package var side: Side
  /// Of the server or the pooler.
  package var name: String
  package var place: Place?
  /// `max_connections`, or `max_client_conn`; nil when it is not known.
  package var total: Sourced<Int>?
  /// What ordinary clients cannot have.
  package var deductions: [Deduction]
  package var lines: [Line]
  /// The share that may be planned for.
  package var targetShare: Double
  /// What was assumed, each a sentence without its full stop.
  package var assumptions: [String]

  package struct Deduction: Hashable, Sendable {
    package var name: String
    package var count: Sourced<Int>
  }

  /// One taker.
  package struct Line: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case application, job, pooler, others }
    package var kind: Kind
    package var who: String
    package var place: Place?
    /// The sum in words: `30 x 2 processes x 5 replicas = 300`.
    package var sum: String
    /// Slots at rest; nil when they are not known or have no limit.
    package var slots: Int?
    /// More of them while this one is deployed.
    package var surge: Int
    /// Of one copy; nil when copies have nothing to do with it.
    package var perCopy: Int?
    package var copies: Copies?
    /// Why the slots are not known.
    package var unknown: String?
    /// What a person can do about that, as words after "Next:".
    package var remedy: String?
    /// The pool has no limit at all.
    package var isUnlimited = false
  }

  /// The first number of copies of a taker that no longer fits, all others as they are.
  package struct Break: Hashable, Sendable {
    package var who: String
    package var copies: Int
    package var atRest: Int?
    package var duringDeploy: Int?
  }

  package enum Verdict: Hashable, Sendable {
    case fits
    /// Above the share that may be planned for.
    case tight
    /// Fits one deploy at a time; not all at once.
    case breaksWhenAllDeploy
    /// A deploy of one application is too much.
    case breaksDuringDeploy
    case exceeded
    /// A pool without any limit.
    case unlimited
    case unknown(String)
  }
}

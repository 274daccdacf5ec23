import Ecosystems

/// What a person adds to the files: facts that they do not say, and where the line is drawn.
package struct AuditOptions: Hashable, Sendable {
  /// The pool of every application that no directive names one for.
  package var ecosystem: Ecosystem?
  /// Processes in one copy, where no command line says so.
  package var processes: Int?
  /// Copies, where no file says so.
  package var replicas: Int?
  /// Extra copies during a rolling deploy, where no file says so.
  package var surge: Surge?
  /// `max_connections`, where no file says so.
  package var maxConnections: Int?
  /// Slots that others take: monitoring, migrations, a person with psql.
  package var others: [Others] = []
  /// The share of the usable slots that may be planned for. 80 %: two teams' independent rule, and room for psql.
  package var targetShare = 0.8
  /// The infrastructure closes connections that are idle for so long: a firewall, a NAT, a load balancer.
  package var idleKill: Duration?
  /// Who calls the application gives up after so long: a load balancer, a gateway, a client.
  package var upstreamTimeout: Duration?
  /// Of Compose and Spring: what runs only with one of them is counted when it is here.
  package var profiles: Set<String> = []
  /// Of PgBouncer, where no directive says so: `[1, 21]`.
  package var pgBouncerVersion: [Int]?

  package init() {}

  package struct Others: Hashable, Sendable {
    package var name: String
    package var slots: Int
    package init(_ name: String, slots: Int) {
      self.name = name
      self.slots = slots
    }
  }

  package enum Surge: Hashable, Sendable {
    case count(Int)
    /// Of the copies, rounded up.
    case percent(Int)

    package func extra(of copies: Int) -> Int {
      switch self {
      case .count(let count): max(0, count)
      case .percent(let percent): max(0, (copies * percent + 99) / 100)
      }
    }

    package var text: String {
      switch self {
      case .count(let count): "\(count)"
      case .percent(let percent): "\(percent) %"
      }
    }
  }
}

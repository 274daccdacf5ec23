/// A PostgreSQL server.
package struct Server: Hashable, Sendable {
  /// Of the service; of a file its path.
  package var name: String
  package var place: Place
  /// Parameters by PostgreSQL's names, in the order in which they are read: the last one of a name counts.
  package var settings: [Written] = []
  /// `max_connections` of roles and databases (`CONNECTION LIMIT`), where they are known.
  package var limits: [Limit] = []
  /// Further names under which it is reached: of Kubernetes Services, aliases of a network.
  package var hosts: [String] = []
  /// `15`, where an image or the server says so.
  package var version: String?

  package init(name: String, at place: Place) {
    self.name = name
    self.place = place
  }

  package struct Limit: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case role, database }
    package var kind: Kind
    package var name: String
    package var connections: Counted
    package init(_ kind: Kind, _ name: String, _ connections: Counted) {
      self.kind = kind
      self.name = name
      self.connections = connections
    }
  }
}

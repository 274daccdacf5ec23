/// What one configuration file says of pools, poolers and servers, each fact with its place.
///
/// Readers say what stands there, in the format's own words; what it means for a pool is decided by who reads this.
package struct ConfigurationFile: Hashable, Sendable {
  /// As the person gave it.
  package var path: String
  package var format: Format
  package var applications: [Application] = []
  package var poolers: [Pooler] = []
  package var servers: [Server] = []
  package var autoscalers: [Autoscaler] = []
  package var configMaps: [ConfigMap] = []
  package var remarks: [Remark] = []
  package var directives: [Directive] = []
  /// Other files that it reads, as found: their facts are in this one's, with their own places.
  package var includes: [String] = []
  /// How the lines of values are written, by their places, where the format has several manners.
  package var manners: [Place: Manner] = [:]
  /// Lines of files within this one, and what they are: those of a ConfigMap.
  package var embedded: [Int: Format] = [:]

  package init(path: String, format: Format) {
    self.path = path
    self.format = format
  }

  package enum Format: String, CaseIterable, Hashable, Sendable {
    case environment = "env file"
    case connection = "connection string"
    case pgBouncer = "pgbouncer.ini"
    case postgreSQL = "postgresql.conf"
    case properties = "properties"
    case spring = "Spring YAML"
    case compose = "Compose"
    case toml = "TOML"
    case kubernetes = "Kubernetes"
  }

  /// What stands around a value on its line: `POOL_MAX: "` and `"`, or `POOL_MAX=`.
  package struct Manner: Hashable, Sendable {
    package var before: String
    package var after: String
    package init(before: String, after: String) {
      self.before = before
      self.after = after
    }

    /// `name: "value"`.
    package static func key(_ name: String) -> Manner { Manner(before: name + ": \"", after: "\"") }
    /// `name=value`.
    package static func assignment(_ name: String) -> Manner { Manner(before: name + "=", after: "") }

    package func line(_ value: String) -> String { before + value + after }
  }

  /// Something that a reader could not use: it is said, never guessed.
  package struct Remark: Hashable, Sendable {
    package enum Weight: Hashable, Sendable {
      /// The file is not what its format says, or could not be read to its end: what follows may be missing.
      case fault
      /// It is read, and one thing in it is not understood.
      case notice
    }
    package var weight: Weight
    /// A sentence without its full stop.
    package var text: String
    package var place: Place
    package init(_ weight: Weight, _ text: String, at place: Place) {
      self.weight = weight
      self.text = text
      self.place = place
    }
  }
}

import Configuration
import Ecosystems

/// An application with everything that it takes its settings from put together.
package struct ApplicationUse: Hashable, Sendable {
  package var name: String
  package var kind: Application.Kind
  package var place: Place
  /// Every setting with its places, in the order in which they are read: of a name the last one counts.
  package var settings: [Configuration.Written]
  package var addresses: [DatabaseAddress]
  package var copies: Copies
  package var command: [String]
  package var image: String?
  /// What directives say of it: `pool`, `processes`, `replicas` ..., each with the place of the comment.
  package var facts: [String: Sourced<String>]
  /// What it takes its settings from and no file shows: secrets, ConfigMaps and files that are not there.
  package var unseen: [Application.Source]
  /// Why it does not run beside the others and is not counted, a sentence without its full stop; nil: it does.
  package var aside: String?

  /// The setting of a name that counts.
  package func setting(_ name: String) -> Configuration.Written? { settings.last { $0.name == name } }
}

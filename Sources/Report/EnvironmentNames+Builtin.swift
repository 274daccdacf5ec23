import Ecosystems
import Model

extension EnvironmentNames {
  /// The variables of the built-in pool's env file.
  package static let builtin = EnvironmentNames { key, value in
    EnvironmentLine(name: Builtin.variable(for: key), value: Builtin.text(value, for: key))
  }
}

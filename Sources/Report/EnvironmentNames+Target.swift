import Ecosystems
import Model

extension EnvironmentNames {
  /// What the pool of an experiment is given, in its own words.
  package init(_ experiment: Experiment) {
    switch experiment.target {
    case .builtin, .postgreSQL: self = .builtin
    case .app(let spec):
      self.init { key, value in
        guard case .success(let place) = spec.place(of: key), case .success(let lines) = place.written(value, for: key),
          let first = lines.first
        else { return nil }
        let prefix = place.kind == .urlParameter ? "\(spec.urlVariable ?? "")?" : ""
        return EnvironmentLine(name: prefix + first.name, value: first.value)
      }
    case .pgBouncer:
      self.init { key, value in
        // The version that runs may write less than the newest one; it is asked before anything is changed.
        let line = Ecosystem.named("pgbouncer")?.write([key: value]).lines.first
        return line.map { EnvironmentLine(name: $0.name, value: $0.value) }
      }
    case .command:
      self.init { key, value in
        EnvironmentLine(name: "POOLOPS_\(key.rawValue.uppercased())", value: value.text(for: key))
      }
    }
  }
}

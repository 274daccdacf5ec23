/// Something that opens database connections: the processes behind one env file, a Compose service, a Deployment.
package struct Application: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// A settings file alone: how often it runs is not known from it.
    case settings
    case service
    case deployment, statefulSet, daemonSet
    /// Runs and ends: it adds to the others while it runs.
    case job, cronJob
  }

  package var kind: Kind
  /// Of the service or workload; of a settings file its path. `deployment/container` where several containers of a
  /// workload may open databases; what stands before the slash is what an autoscaler names.
  package var name: String
  package var namespace: String?
  package var place: Place
  /// Environment variables, properties, tables: everything that is written, in order; later ones win.
  package var settings: [Written] = []
  /// Every database address among the settings.
  package var addresses: [DatabaseAddress] = []
  /// Copies that run at once; nil when the file does not say.
  package var replicas: Counted?
  /// Extra copies during a rolling update. nil when the file does not say: Kubernetes' default is 25 %, rounded up.
  package var surge: Surge?
  /// Parallelism of a job.
  package var parallelism: Counted?
  /// Processes in one copy, each with a pool of its own, where the command line says so (`gunicorn -w 4`).
  package var processes: Counted?
  /// The command line in words, when written.
  package var command: [String] = []
  package var image: String?
  /// Env files and ConfigMaps whose settings it takes and that its reader did not find, in order: paths as written, or
  /// names. The settings of those that were found stand among `settings`, before its own, which win.
  package var sources: [Source] = []
  /// Only with one of these is it started (Compose), or do these settings hold (Spring); empty: always.
  package var profiles: [String] = []

  package init(_ kind: Kind, name: String, namespace: String? = nil, at place: Place) {
    self.kind = kind
    self.name = name
    self.namespace = namespace
    self.place = place
  }

  package enum Surge: Hashable, Sendable {
    case count(Counted)
    /// Of the replicas, rounded up; from 0 to 100.
    case percent(Counted)
  }

  package enum Source: Hashable, Sendable {
    case file(String, Place)
    case configMap(String, Place)
    /// Its values are not in any file: only that they exist is known.
    case secret(String, Place)
  }
}

/// A Kubernetes HorizontalPodAutoscaler: how far the replicas of a workload may go.
package struct Autoscaler: Hashable, Sendable {
  /// `Deployment`, `StatefulSet`.
  package var targetKind: String
  package var targetName: String
  package var namespace: String?
  package var minimum: Counted?
  package var maximum: Counted
  package init(
    targetKind: String, targetName: String, namespace: String? = nil, minimum: Counted? = nil, maximum: Counted
  ) {
    self.targetKind = targetKind
    self.targetName = targetName
    self.namespace = namespace
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// Settings with a name that workloads refer to.
package struct ConfigMap: Hashable, Sendable {
  package var name: String
  package var namespace: String?
  package var settings: [Written]
  package init(name: String, namespace: String? = nil, settings: [Written]) {
    self.name = name
    self.namespace = namespace
    self.settings = settings
  }
}

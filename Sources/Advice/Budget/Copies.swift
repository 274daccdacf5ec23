import Configuration

/// How often the pools of one application exist at the same time.
package struct Copies: Hashable, Sendable {
  /// The most at once: what an autoscaler allows, else what is written. Of a job its parallelism.
  package var replicas: Sourced<Int>
  package var processes: Sourced<Int>
  /// Extra copies while new ones start and old ones have not ended.
  package var surge: Sourced<AuditOptions.Surge>

  package init(replicas: Sourced<Int>, processes: Sourced<Int>, surge: Sourced<AuditOptions.Surge>) {
    self.replicas = replicas
    self.processes = processes
    self.surge = surge
  }

  package var extra: Int { surge.value.extra(of: replicas.value) }

  /// What was taken for want of facts, each a sentence.
  package var assumptions: [String] {
    [replicas.origin, processes.origin, surge.origin].compactMap(\.assumption)
  }
}

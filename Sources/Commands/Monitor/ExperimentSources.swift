import Model
import Monitor
import Postgres
import Probes
import Staging

/// What an experiment names, as sources: its staging, the console of its PgBouncer, its app's pool. Starts nothing and changes
/// nothing: what is down is shown as gone until somebody starts it.
struct ExperimentSources {
  private let project: Project
  private let world: World

  init(_ project: Project, _ world: World) {
    self.project = project
    self.world = world
  }

  func sources(of name: String) throws(Failure) -> [WatchedSource] {
    let experiment = try ExperimentLibrary(project, world).entry(name).experiment
    var sources = try staging(experiment)
    for target in experiment.targets {
      guard case .pgBouncer(let spec) = target.spec else { continue }
      let info = try attempt { () throws(StagingError) in
        try StagingGuard.connection(fromVariable: spec.consoleVariable, in: world.variables)
      }
      sources.append(
        WatchedSource(name: spec.consoleVariable, kind: .pgBouncer) { PgBouncerSource(info) })
    }
    if let endpoint = experiment.gauges { sources.append(try app(endpoint, experiment)) }
    return sources
  }

  private func staging(_ experiment: Experiment) throws(Failure) -> [WatchedSource] {
    switch experiment.staging {
    case .embedded:
      let cluster = EmbeddedCluster(root: project.root)
      return [
        WatchedSource(name: "staging", kind: .postgreSQL) {
          PostgreSQLSource(finding: { cluster.adminConnection })
        },
        SourceWords.process(.found { cluster.postmasterPID }, "staging server"),
      ]
    case .urlFromEnvironment(let variable):
      let info = try attempt { () throws(StagingError) in
        try StagingGuard.connection(fromVariable: variable, in: world.variables)
      }
      return [WatchedSource(name: variable, kind: .postgreSQL) { PostgreSQLSource(info) }]
    }
  }

  /// Which arm is in force is not known here; the shorter timeout warns in time for both.
  private func app(_ endpoint: PoolEndpoint, _ experiment: Experiment) throws(Failure) -> WatchedSource {
    let isNamed = experiment.baseline.overlaid(with: experiment.change)[.acquireTimeout] != nil
    let told = isNamed ? Arm.allCases.compactMap { experiment.settings(of: $0).acquireTimeout } : []
    let rest = endpoint.url[(endpoint.url.firstRange(of: "://")?.upperBound ?? endpoint.url.startIndex)...]
    var token: String?
    if let variable = endpoint.tokenVariable {
      token = world.variables[variable]
      guard let token, !token.isEmpty else {
        throw Failure(
          .badConfiguration, "the environment variable \(variable), named by gauges.token_env, is not set",
          hint: "Set it to the bearer token that the app's endpoint wants.")
      }
    }
    return try SourceWords.app(
      endpoint, name: String(rest.prefix { $0 != "?" }), token: token,
      timeout: told.min().map { .after($0) } ?? .notTold)
  }
}

import Model

/// The targets of an experiment, made from what its file says.
package enum Targets {
  /// In the order of the file: the order in which they are changed.
  package static func make(
    of experiment: Experiment, in surroundings: TargetSurroundings
  ) throws(StagingError) -> [any ChangeTarget] {
    var targets: [any ChangeTarget] = []
    for target in experiment.targets { targets.append(try make(target, experiment, surroundings)) }
    for (index, target) in targets.enumerated() {
      guard let twin = targets[..<index].first(where: { $0.kind == target.kind && $0.locator == target.locator }) else {
        continue
      }
      throw StagingError(.namedTwice, target: twin.locator, found: twin.kind)
    }
    return targets
  }

  private static func make(
    _ target: ExperimentTarget, _ experiment: Experiment, _ surroundings: TargetSurroundings
  ) throws(StagingError) -> any ChangeTarget {
    let pool = PoolValues(experiment)
    let values = target.own.map(TargetValues.own) ?? .pool(pool)
    switch target.spec {
    case .builtin:
      let file = BuiltinPoolTarget.envFile(root: surroundings.root)
      return BuiltinTarget(BuiltinPoolTarget(envFile: file, keys: pool.keys), pool)
    case .app(let spec):
      return try AppTarget(spec, pool, demand: experiment.load.shape.users, in: surroundings)
    case .pgBouncer(let spec): return try PgBouncerTarget(spec, values, in: surroundings)
    case .postgreSQL(let spec):
      return try PostgreSQLTarget(
        spec, target.own ?? OwnValues(baseline: [:], change: [:]), in: surroundings)
    case .command(let spec): return CommandTarget(spec, values, in: surroundings)
    }
  }
}

import Advice
import Evidence
import Model

/// A run that a size is taken from.
struct SizedRun {
  let figures: RunFigures
  /// As it was when the run was made; nil where it cannot be read any more.
  let experiment: Experiment?
  var run: Run { figures.run }

  /// Above this share in use, the pool and not its users decided the rate.
  private static let saturated = 0.9

  /// The measured rate of users who wait for their answers is no demand: it follows from the pool that they had.
  var inputs: SizingInputs {
    let stated = SizingInput.Origin.stated(run.id)
    let measured = SizingInput.Origin.measured(run.id)
    var inputs = SizingInputs()
    inputs[.serviceTime] = figures.serviceMean.map { SizingInput($0, measured) }
    inputs[.rate] = figures[.throughput].map { SizingInput($0.value, measured) }
    // Of users who come and go no single number says how many there were, and of flows no pause what they ask.
    if let load = experiment?.load, load.shape.isSteady, !load.isFlow, let users = load.shape.users {
      inputs[.users] = SizingInput(Double(users), stated)
      inputs[.thinkTime] = SizingInput(load.thinkTime.mean, stated)
    }
    inputs[.acquireTimeout] = run.wanted.acquireTimeout.map { SizingInput($0.seconds, stated) }
    inputs[.cores] = (fact("cpu_quota") ?? fact("cores")).map { SizingInput($0, measured) }
    inputs[.maxConnections] = fact("max_connections").map { SizingInput($0, stated) }
    inputs[.backendMemory] = figures[.backendMemory].map { SizingInput($0.value, measured) }
    inputs[.cpuPerRequest] = figures[.cpuPerThousand].map { SizingInput($0.value / 1000, measured) }
    return inputs
  }

  /// What the run's own pool did to what it measured.
  func notes(_ inputs: SizingInputs) -> [String] {
    guard case .measured? = inputs[.rate]?.origin, let use = figures[.poolUtilisation], use.value > Self.saturated
    else { return figures.objections }
    return [
      "The pool of \(run.id) was \(Metric.poolUtilisation.text(use.value)) in use: its rate is what \(run.wanted.maxSize) "
        + "connections let through, and not what was asked for."
    ] + figures.objections
  }

  private func fact(_ name: String) -> Double? {
    run.environment[name].flatMap(Double.init).flatMap { $0 > 0 ? $0 : nil }
  }
}

extension SizingAdvice.Missing {
  /// Names what is missing, and how it is given.
  var failure: Failure {
    switch self {
    case .serviceTime:
      Failure(
        .usage, "a size needs the mean time that a request holds a connection",
        hint: "Give --service-time, such as 48.4ms, or --from with a run that measured it.")
    case .demand:
      Failure(
        .usage, "a size needs the load: requests per second, or users with their pause",
        hint: "Give --rate, such as 413, or --users with --think-time, or --from with a run.")
    case .thinkTime(let users, let longest, let few, let shortest, let many):
      Failure(
        .usage,
        "\(users) users say nothing without their think time: with pauses of \(decimal(longest, places: 1)) s they need "
          + "\(few) connections, with \(decimal(shortest, places: 1)) s \(many)",
        hint: "Give --think-time, such as 850ms, or --rate in place of users.")
    case .tooMany(let users):
      Failure(
        .usage,
        "--users \(decimal(users, places: 0)) is more than the \(SizingAdvice.mostUsers) that the model is made for",
        hint: "So many users ask practically independently: give --rate.")
    case .tooBusy(let busy):
      Failure(
        .usage,
        "the rate times the service time keeps \(decimal(busy, places: 0)) connections busy: no server has so many",
        hint: "Are --rate (per second) and --service-time in the units that you meant?")
    }
  }
}

import Model
import YAML

extension ExperimentReader {
  private static let shapeNames = [
    "constant", "ramp", "spike", "soak", "steps", "iterations", "arrival_rate", "ramping_arrival_rate",
  ]
  private static let day = Duration.seconds(86_400)
  private static let users = 100_000

  mutating func shape(_ node: Node, _ context: LoadContext) -> LoadShape? {
    guard let (key, value) = choice(node, "shape", of: Self.shapeNames) else { return nil }
    let shape: LoadShape? =
      switch key {
      case "constant": steady(value, key).map { .constant(users: $0.users, warmUp: $0.warmUp, duration: $0.duration) }
      case "soak": steady(value, key).map { .soak(users: $0.users, warmUp: $0.warmUp, duration: $0.duration) }
      case "ramp": ramp(value)
      case "spike": spike(value)
      case "steps": steps(value, context)
      case "iterations": iterations(value)
      case "arrival_rate": arrivalRate(value)
      default: rampingArrivalRate(value)
      }
    guard let shape else { return nil }
    if shape.duration > Self.day { return fault(value.mark, "\(key) takes \(shape.duration.text) in all, at most 24h") }
    if shape.duration == .zero { return fault(value.mark, "\(key) takes no time at all") }
    return shape
  }

  private mutating func steady(
    _ node: Node, _ name: String
  ) -> (users: Int, warmUp: Duration, duration: Duration)? {
    let known = ["users", "warm_up", "duration"]
    guard let fields = fields(node, name, known: known, required: ["users", "duration"]) else { return nil }
    let users = fields["users"].flatMap { integer($0, "users", 1...Self.users) }
    let warmUp = self.warmUp(fields)
    let length = fields["duration"].flatMap { duration($0, "duration", atMost: Self.day) }
    guard let users, let warmUp, let length else { return nil }
    return (users, warmUp, length)
  }

  private mutating func ramp(_ node: Node) -> LoadShape? {
    let known = ["start_users", "stages", "warm_up"]
    guard let fields = fields(node, "ramp", known: known, required: ["start_users", "stages"]) else { return nil }
    let start = fields["start_users"].flatMap { integer($0, "start_users", 0...Self.users) }
    let accepts = "such as [{ users: 100, duration: 1m }, { users: 0, duration: 30s }]"
    let stages = fields["stages"].flatMap { self.stages($0, accepts: accepts) { $0.userStage($1) } }
    let warmUp = self.warmUp(fields, isEmpty: start == 0, "start_users")
    guard let start, let stages, let warmUp else { return nil }
    guard start > 0 || stages.contains(where: { $0.users > 0 }) else {
      return fault(node.mark, "ramp has no users at any time; write at least 1 in one of its stages")
    }
    return .ramp(RampShape(startUsers: start, stages: stages, warmUp: warmUp))
  }

  private mutating func userStage(_ node: Node) -> RampShape.Stage? {
    guard let fields = fields(node, "a stage", known: ["users", "duration"], required: ["users", "duration"])
    else { return nil }
    let users = fields["users"].flatMap { integer($0, "users", 0...Self.users) }
    let length = stageLength(fields)
    guard let users, let length else { return nil }
    return RampShape.Stage(users: users, duration: length)
  }

  private mutating func spike(_ node: Node) -> LoadShape? {
    let known = ["users", "base_users", "rise", "hold", "fall", "recovery", "warm_up"]
    guard let fields = fields(node, "spike", known: known, required: ["users", "hold"]) else { return nil }
    let users = fields["users"].flatMap { integer($0, "users", 1...Self.users) }
    let base = fields["base_users"].map { integer($0, "base_users", 0...Self.users) } ?? 0
    let hold = fields["hold"].flatMap { duration($0, "hold", atMost: Self.day) }
    let (rise, fall, recovery) = (part(fields, "rise"), part(fields, "fall"), part(fields, "recovery"))
    let warmUp = self.warmUp(fields, isEmpty: base == 0, "base_users")
    guard let users, let base, let hold, let rise, let fall, let recovery, let warmUp else { return nil }
    guard users > base else {
      return fault(
        fields["base_users"]?.mark ?? node.mark,
        "base_users is \(base), and users \(users): a spike is more than its base")
    }
    return .spike(
      SpikeShape(
        users: users, baseUsers: base, rise: rise, hold: hold, fall: fall, recovery: recovery, warmUp: warmUp))
  }

  private mutating func steps(_ node: Node, _ context: LoadContext) -> LoadShape? {
    let known = ["start", "step", "every", "most", "until", "warm_up"]
    guard let fields = fields(node, "steps", known: known, required: ["start", "step", "every", "most", "until"])
    else { return nil }
    let start = fields["start"].flatMap { integer($0, "start", 1...Self.users) }
    let step = fields["step"].flatMap { integer($0, "step", 1...Self.users) }
    let most = fields["most"].flatMap { integer($0, "most", 1...Self.users) }
    let every = fields["every"].flatMap { wholeSeconds($0, "every") }
    let until = fields["until"].flatMap { limits($0, context) }
    let warmUp = self.warmUp(fields)
    guard let start, let step, let most, let every, let until, let warmUp else { return nil }
    guard most >= start else {
      return fault(fields["most"]?.mark ?? node.mark, "most is \(most), less than the \(start) users of start")
    }
    return .steps(StepsShape(start: start, step: step, every: every, most: most, until: until, warmUp: warmUp))
  }

  /// Slices are seconds, so a step that ended within one could not be judged.
  private mutating func wholeSeconds(_ node: Node, _ name: String) -> Duration? {
    guard let length = duration(node, name, atMost: Self.day) else { return nil }
    guard length.components.attoseconds == 0 else {
      return fault(node.mark, "\(quoted(length.text)) is no value of \(name); write whole seconds, such as 30s")
    }
    return length
  }

  private mutating func limits(_ node: Node, _ context: LoadContext) -> [Condition]? {
    guard let nodes = list(node, "until", accepts: "such as [\"p(95) > 400ms\", \"error_rate > 1%\"]") else {
      return nil
    }
    guard !nodes.isEmpty else { return fault(node.mark, "until is empty; write what a step must not reach") }
    let conditions = nodes.compactMap { limit($0, context) }
    return conditions.count == nodes.count ? conditions : nil
  }

  private mutating func limit(_ node: Node, _ context: LoadContext) -> Condition? {
    let parse = { (text: String) throws(ExpressionFault) in try Condition(parsing: text) }
    guard let condition = expression(node, "a condition of until", parse) else { return nil }
    if case .baseline = condition.bound {
      return fault(
        node.mark, "until cannot refer to the baseline, since it ends the baseline too; write a limit of its own")
    }
    if condition.metric == .breakingPoint {
      return fault(node.mark, "breaking_point is what the steps find; write what ends them, such as p(95) > 400ms")
    }
    return refuseFlow(condition, isFlow: context.isFlow, node) ? nil : condition
  }

  private mutating func iterations(_ node: Node) -> LoadShape? {
    let known = ["users", "iterations", "max_duration", "warm_up"]
    guard let fields = fields(node, "iterations", known: known, required: ["users", "iterations"]) else { return nil }
    let users = fields["users"].flatMap { integer($0, "users", 1...Self.users) }
    let count = fields["iterations"].flatMap { integer($0, "iterations", 1...1_000_000) }
    let most = fields["max_duration"].map { duration($0, "max_duration", atMost: Self.day) } ?? .seconds(600)
    let warmUp = self.warmUp(fields, standard: .zero)
    guard let users, let count, let most, let warmUp else { return nil }
    return .iterations(IterationsShape(users: users, iterations: count, maxDuration: most, warmUp: warmUp))
  }

  private mutating func arrivalRate(_ node: Node) -> LoadShape? {
    let known = ["rate", "spacing", "warm_up", "duration"]
    guard let fields = fields(node, "arrival_rate", known: known, required: ["rate", "duration"]) else { return nil }
    let accepts = "requests per second: a number above 0, at most 1000000"
    let rate = fields["rate"].flatMap { number($0, "rate", Double.leastNonzeroMagnitude...1e6, accepts: accepts) }
    let spacing = self.spacing(fields)
    let warmUp = self.warmUp(fields)
    let length = fields["duration"].flatMap { duration($0, "duration", atMost: Self.day) }
    guard let rate, let spacing, let warmUp, let length else { return nil }
    return .arrivalRate(rate: rate, spacing: spacing, warmUp: warmUp, duration: length)
  }

  private mutating func rampingArrivalRate(_ node: Node) -> LoadShape? {
    let known = ["start_rate", "stages", "spacing", "warm_up"]
    guard
      let fields = fields(node, "ramping_arrival_rate", known: known, required: ["start_rate", "stages"])
    else { return nil }
    let start = fields["start_rate"].flatMap { rate($0, "start_rate") }
    let accepts = "such as [{ rate: 100, duration: 1m }, { rate: 0, duration: 30s }]"
    let stages = fields["stages"].flatMap { self.stages($0, accepts: accepts) { $0.rateStage($1) } }
    let spacing = self.spacing(fields)
    let warmUp = self.warmUp(fields, isEmpty: start == 0, "start_rate")
    guard let start, let stages, let spacing, let warmUp else { return nil }
    guard start > 0 || stages.contains(where: { $0.rate > 0 }) else {
      return fault(
        node.mark, "ramping_arrival_rate has no requests at any time; write a rate above 0 in one of its stages")
    }
    return .rampingArrivalRate(
      RampingRateShape(startRate: start, stages: stages, spacing: spacing, warmUp: warmUp))
  }

  private mutating func rateStage(_ node: Node) -> RampingRateShape.Stage? {
    guard let fields = fields(node, "a stage", known: ["rate", "duration"], required: ["rate", "duration"])
    else { return nil }
    let rate = fields["rate"].flatMap { self.rate($0, "rate") }
    let length = stageLength(fields)
    guard let rate, let length else { return nil }
    return RampingRateShape.Stage(rate: rate, duration: length)
  }

  // MARK: What shapes have in common

  private mutating func rate(_ node: Node, _ name: String) -> Double? {
    number(node, name, 0...1e6, accepts: "requests per second: a number from 0 to 1000000")
  }

  private mutating func spacing(_ fields: Fields) -> ArrivalSpacing? {
    let words = ArrivalSpacing.allCases.map(\.rawValue)
    return fields["spacing"].map { word($0, "spacing", of: words).flatMap(ArrivalSpacing.init) } ?? .poisson
  }

  private mutating func stages<Stage>(
    _ node: Node, accepts: String, _ read: (inout ExperimentReader, Node) -> Stage?
  ) -> [Stage]? {
    guard let nodes = list(node, "stages", accepts: accepts) else { return nil }
    guard !nodes.isEmpty else { return fault(node.mark, "stages is empty; write at least one") }
    let stages = nodes.compactMap { read(&self, $0) }
    return stages.count == nodes.count ? stages : nil
  }

  private mutating func stageLength(_ fields: Fields) -> Duration? {
    fields["duration"].flatMap { duration($0, "duration", atLeast: .zero, atMost: Self.day) }
  }

  private mutating func part(_ fields: Fields, _ key: String) -> Duration? {
    fields[key].map { duration($0, key, atLeast: .zero, atMost: Self.day) } ?? .zero
  }

  private mutating func warmUp(_ fields: Fields, standard: Duration = .seconds(5)) -> Duration? {
    fields["warm_up"].map { duration($0, "warm_up", atLeast: .zero, atMost: Self.day) } ?? standard
  }

  /// - Parameters:
  ///   - isEmpty: whether nobody is there before the measured part.
  ///   - key: which key says so.
  private mutating func warmUp(_ fields: Fields, isEmpty: Bool, _ key: String) -> Duration? {
    guard let length = warmUp(fields, standard: isEmpty ? .zero : .seconds(5)) else { return nil }
    guard isEmpty, length > .zero, let node = fields["warm_up"] else { return length }
    return fault(node.mark, "warm_up has nothing to warm up with, since \(key) is 0; remove it")
  }
}

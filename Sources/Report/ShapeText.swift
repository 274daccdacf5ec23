import Model

/// A load shape in sentences.
struct ShapeText {
  private let load: LoadSpec
  private var shape: LoadShape { load.shape }

  init(_ load: LoadSpec) { self.load = load }

  /// One entry of a list: `500 users, each waiting for its answer, then thinking 850 ms on average (exponential)`.
  var plan: String {
    switch shape {
    case .constant(let users, _, _): return "\(users) users, \(pace)"
    case .soak(let users, _, let duration):
      return "\(users) users, \(pace); for \(duration.text), so that drift shows"
    case .ramp(let ramp):
      let stages = ramp.stages.map { Self.stage("\($0.users)", $0.duration) }.joined(separator: ", ")
      return "from \(Phrases.count(ramp.startUsers, "user")) \(stages), \(pace)"
    case .spike(let spike): return "\(Self.crowd(spike)), \(pace)"
    case .steps(let steps):
      let until = steps.until.map(\.text).joined(separator: ", or ")
      return
        "\(Phrases.count(steps.start, "user")), then \(steps.step) more every \(steps.every.text) up to \(steps.most), "
        + "until a step shows \(until); the step before it is the breaking point; \(pace)"
    case .iterations(let iterations):
      let times = Phrases.count(iterations.iterations, load.isFlow ? "visit" : "request")
      return "\(Phrases.count(iterations.users, "user")) with \(times) each, \(pace)"
    case .arrivalRate(let rate, let spacing, _, _):
      return "\(decimal(rate, places: 3)) \(things) per second \(Self.open) (\(spacing.rawValue) spacing)"
    case .rampingArrivalRate(let ramp):
      let stages = ramp.stages.map { Self.stage(decimal($0.rate, places: 3), $0.duration) }.joined(separator: ", ")
      return "from \(decimal(ramp.startRate, places: 3)) \(things) per second \(stages), which \(Self.open) "
        + "(\(ramp.spacing.rawValue) spacing)"
    }
  }

  /// What a sentence of a runbook can go on from: `500 users, each thinking 850 ms on average between requests`.
  var sentence: String {
    switch shape {
    case .constant(let users, _, _), .soak(let users, _, _): "\(users) users, \(thinking)"
    case .ramp(let ramp):
      "\(Self.sequence([ramp.startUsers] + ramp.stages.map(\.users)) { "\($0)" }) users, \(thinking)"
    case .spike(let spike): "a spike from \(spike.baseUsers) to \(spike.users) users, \(thinking)"
    case .steps(let steps): "steps of \(steps.step) users from \(steps.start) up to \(steps.most), \(thinking)"
    case .iterations(let iterations):
      "\(iterations.users) users with \(Phrases.count(iterations.iterations, load.isFlow ? "visit" : "request")) each, \(thinking)"
    case .arrivalRate(let rate, _, _, _): "\(decimal(rate, places: 3)) \(things) per second"
    case .rampingArrivalRate(let ramp):
      Self.sequence([ramp.startRate] + ramp.stages.map(\.rate)) { decimal($0, places: 3) } + " \(things) per second"
    }
  }

  /// Warm-up and measured part.
  var length: String {
    "warm-up \(shape.warmUp.text), not counted; then \(shape.mayEndEarly ? "at most " : "")\(shape.duration.text) measured"
  }

  private var things: String { load.isFlow ? "visits" : "requests" }

  private var pace: String {
    let asks = load.isFlow ? "each going through the steps" : "each waiting for its answer"
    return "\(asks), then thinking \(Self.text(load.thinkTime))"
  }

  private var thinking: String {
    "each thinking \(Metric.latency(50).text(load.thinkTime.mean)) on average between \(things)"
  }

  private static let open = "fall due whether or not earlier ones are answered"

  /// `1, then 100, then 0`.
  private static func sequence<Value>(_ values: [Value], _ text: (Value) -> String) -> String {
    values.map(text).joined(separator: ", then ")
  }

  private static func stage(_ goal: String, _ duration: Duration) -> String {
    duration == .zero ? "to \(goal) at once" : "to \(goal) within \(duration.text)"
  }

  private static func crowd(_ spike: SpikeShape) -> String {
    let base = Phrases.count(spike.baseUsers, "user")
    let rise = spike.rise == .zero ? "at once" : "within \(spike.rise.text)"
    let fall = spike.fall == .zero ? "then at once" : "then within \(spike.fall.text)"
    let recovery = spike.recovery == .zero ? "" : ", and \(spike.recovery.text) to recover"
    return "\(base), \(rise) \(spike.users) for \(spike.hold.text), \(fall) \(spike.baseUsers) again\(recovery)"
  }

  static func text(_ distribution: Distribution) -> String {
    func seconds(_ value: Double) -> String { Duration.ofSeconds(value).text }
    return switch distribution {
    case .constant(let value): value == 0 ? "not at all" : seconds(value)
    case .uniform(let low, let high): "\(seconds(low)) to \(seconds(high)), evenly"
    case .exponential(let mean): "\(seconds(mean)) on average (exponential)"
    }
  }
}

import Model

/// Samples that make a rule fire and clear again, and what it then says.
///
/// A trial is calm, then in trouble, then calm again. The first sample in trouble is taken one whole interval after the
/// trouble began: the worst case.
struct AlertTrial: Hashable, Sendable {
  /// How a series goes on.
  enum Course: Hashable, Sendable {
    case gauge(calm: Double, trouble: Double)
    /// A gauge whose exporter does not answer in the middle of the trouble.
    case gaugeMissed(calm: Double, trouble: Double)
    /// An age in seconds, zero while calm, that grows with the time up to a limit in milliseconds.
    case age(upTo: Int, wholeSeconds: Bool = false)
    /// By how much a counter grows a second.
    case counter(calm: Double, trouble: Double)
    /// A gauge that is not there in the trouble.
    case gone(Double)
    /// A gauge that, after the calm, is up on one sample now and then, and never twice in succession.
    case bursts(Double, over: Double = 0)
  }

  struct Series: Hashable, Sendable {
    var selector: String
    var course: Course
    init(_ selector: String, _ course: Course) {
      self.selector = selector
      self.course = course
    }
  }

  /// What `$value` is when it fires.
  enum Value: Hashable, Sendable {
    case none
    case number(Double)
    /// That of an age, in seconds.
    case age(upTo: Int, wholeSeconds: Bool = false)
  }

  var series: [Series]
  /// Of the alert, beside those that its rule gives it.
  var labels: [AlertSource.Label]
  var value = Value.none
  /// Samples of calm that come first, so that there is a rate.
  var calm = 4
  /// The sample of the trouble on which it fires; 0 is the first one.
  var fires = 0
  /// The sample of the calm after it on which the condition is false.
  var clears = 0

  static let burstEvery = 8

  /// Samples in trouble. Some more than it takes, to see that it stays.
  var trouble: Int { fires + 4 }
}

extension AlertTrial.Course {
  /// The values as promtool reads them, runs of equal steps put together.
  ///
  /// - Parameter interval: between two samples, in milliseconds.
  func values(calm: Int, trouble: Int, after: Int, interval: Int) -> String {
    let step = Double(interval) / 1000
    var notation = SeriesNotation()
    switch self {
    case .gauge(let low, let high):
      notation.append(low, calm)
      notation.append(high, trouble)
      notation.append(low, after)
    case .gaugeMissed(let low, let high):
      notation.append(low, calm)
      notation.append(high, 1)
      notation.miss()
      notation.append(high, trouble - 2)
      notation.append(low, after)
    case .age(let limit, let wholeSeconds):
      notation.append(0, calm)
      for sample in 0..<trouble { notation.append(Self.age(sample, limit, wholeSeconds, interval), 1) }
      notation.append(0, after)
    case .counter(let slow, let fast):
      var value = 0.0
      for (rate, count) in [(slow, calm), (fast, trouble), (slow, after)] {
        for _ in 0..<count {
          value += rate * step
          notation.append(value, 1)
        }
      }
    case .gone(let value):
      notation.append(value, calm)
      for _ in 0..<trouble { notation.miss() }
      notation.append(value, after)
    case .bursts(let high, let low):
      notation.append(low, calm)
      for sample in 0..<(trouble + after) {
        notation.append(sample % AlertTrial.burstEvery == AlertTrial.burstEvery / 2 ? high : low, 1)
      }
    }
    return notation.text
  }

  /// Seconds that the oldest request has waited on a sample of the trouble.
  static func age(_ sample: Int, _ limit: Int, _ wholeSeconds: Bool, _ interval: Int) -> Double {
    let age = Double(min((sample + 1) * interval, limit)) / 1000
    return wholeSeconds ? age.rounded(.down) : age
  }

  /// The first sample of the trouble on which the age is `wait` or more.
  static func sample(of wait: Int, _ interval: Int) -> Int { max(0, (wait + interval - 1) / interval - 1) }
}

/// A series in promtool's notation: `0x3` is four zeros, `1+2x2` is 1 3 5, `stale` a scrape that failed.
private struct SeriesNotation {
  /// nil: a scrape that failed.
  private var values: [Double?] = []

  mutating func append(_ value: Double, _ count: Int) { values += Array(repeating: value, count: max(0, count)) }

  mutating func miss() { values.append(nil) }

  var text: String {
    var words: [String] = []
    var rest = values[...]
    while let first = rest.first {
      let (word, count) = first.map { Self.word($0, rest) } ?? ("stale", 1)
      words.append(word)
      rest = rest.dropFirst(count)
    }
    return words.joined(separator: " ")
  }

  /// The longest run that begins here, and how many values it stands for.
  private static func word(_ first: Double, _ values: ArraySlice<Double?>) -> (String, Int) {
    let start = decimal(first, places: 6)
    let equal = values.prefix { $0 == first }.count
    if equal > 1 { return ("\(start)x\(equal - 1)", equal) }
    // promtool adds step to step, so that only whole ones come out exactly.
    guard let second = values.dropFirst().first ?? nil, case let step = second - first, step == step.rounded(),
      first == first.rounded()
    else { return (start, 1) }
    var count = 2
    for value in values.dropFirst(2) {
      guard let value, value == first + step * Double(count) else { break }
      count += 1
    }
    guard count > 2 else { return (start, 1) }
    return ("\(start)\(step < 0 ? "-" : "+")\(decimal(abs(step), places: 0))x\(count - 1)", count)
  }
}

import Model

/// What an answer tells of the pool, and whose words it uses.
package struct PoolReading: Hashable, Sendable {
  package var gauges: PoolGauges
  /// nil where the user has named every place.
  package var scheme: PoolScheme?
  /// The pools that were added up, by name; empty where they have none.
  package var pools: [String]

  package init(gauges: PoolGauges, scheme: PoolScheme?, pools: [String]) {
    self.gauges = gauges
    self.scheme = scheme
    self.pools = pools
  }
}

/// One pool of an answer that has several.
package struct NamedPool: Hashable, Sendable {
  /// Unique within its answer; `pool` for the only one, where it has no name.
  package var name: String
  package var gauges: PoolGauges
}

/// Why an answer tells nothing of a pool, as a sentence without a full stop.
package struct PoolReadingFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

/// Reads what an app answers at its pool endpoint. Pure: the answer comes as bytes.
package struct PoolReader: Sendable {
  private let endpoint: PoolEndpoint
  private let selectors: [PoolFigure: MetricSelector]

  package init(_ endpoint: PoolEndpoint) {
    self.endpoint = endpoint
    selectors = endpoint.places.compactMapValues(MetricSelector.init)
  }

  /// All pools that are meant, added up.
  package func read(_ body: [UInt8]) throws(PoolReadingFault) -> PoolReading {
    isJSON(body) ? try json(body) : try page(body)
  }

  /// Each pool by itself; where the user has named places, the one that those are of.
  package func pools(_ body: [UInt8]) throws(PoolReadingFault) -> [NamedPool] {
    guard endpoint.places.isEmpty else {
      let reading = try read(body)
      return [NamedPool(name: reading.pools.count == 1 ? reading.pools[0] : "pool", gauges: reading.gauges)]
    }
    let found = isJSON(body) ? try chosen(MemberReader(tree(body))) : try chosen(SeriesReader(metrics(body)))
    return Self.named(found.pools)
  }

  private static func named(_ pools: [FoundPool]) -> [NamedPool] {
    var taken: Set<String> = []
    return pools.map { pool in
      var name = pool.name.isEmpty ? "pool" : pool.name
      if pools.count(where: { $0.name == pool.name }) > 1, !pool.labels.isEmpty {
        name = pool.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      }
      var number = 2
      let plain = name
      while !taken.insert(name).inserted {
        name = "\(plain) \(number)"
        number += 1
      }
      return NamedPool(name: name, gauges: pool.gauges)
    }
  }

  private func isJSON(_ body: [UInt8]) -> Bool {
    switch endpoint.format {
    case .json: true
    case .prometheus: false
    case .auto: looksLikeJSON(body)
    }
  }

  /// A line of metrics may begin with a brace too, where its name stands in quotes.
  private func looksLikeJSON(_ body: [UInt8]) -> Bool {
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    guard let first = body.first(where: { !blanks.contains($0) }) else { return false }
    if first == UInt8(ascii: "[") { return true }
    guard first == UInt8(ascii: "{") else { return false }
    return (try? JSONText.read(body)) != nil || PrometheusText(body) { _ in false }.nameCount == 0
  }

  // MARK: JSON

  private func tree(_ body: [UInt8]) throws(PoolReadingFault) -> JSONTree {
    do throws(JSONFault) { return try JSONText.read(body) } catch {
      throw PoolReadingFault("the answer is no JSON: \(error)")
    }
  }

  private func json(_ body: [UInt8]) throws(PoolReadingFault) -> PoolReading {
    let tree = try tree(body)
    return try reading(
      MemberReader(tree),
      place: { (figure, text) throws(PoolReadingFault) in
        try number(tree, figure, text)
      })
  }

  private func number(_ tree: JSONTree, _ figure: PoolFigure, _ text: String) throws(PoolReadingFault) -> Double? {
    guard let place = JSONPlace(text) else { throw PoolReadingFault("'\(text)' is no place in JSON, such as pool.max") }
    let values: [JSONTree]
    do throws(PlaceFault) { values = try place.values(in: tree) } catch {
      // A counter may be told only after it has counted something.
      if figure.isCounter { return nil }
      throw PoolReadingFault(error.description)
    }
    var sum = 0.0
    for value in values {
      guard let number = value.amount else {
        throw PoolReadingFault("what stands at '\(text)' is no number of at least 0")
      }
      sum += number
    }
    return values.isEmpty ? nil : sum
  }

  // MARK: Metrics

  private func metrics(_ body: [UInt8]) throws(PoolReadingFault) -> PrometheusText {
    let wanted = selectors.values.map(\.name)
    let page = PrometheusText(body) { name in wanted.contains(name) || SeriesReader.knows(name) }
    guard page.isComplete else { throw PoolReadingFault("the answer is too large: \(page.faults[0].message)") }
    if page.nameCount == 0 {
      throw PoolReadingFault(
        page.faults.first.map { "the answer is no page of metrics: \($0)" } ?? "the answer is empty")
    }
    return page
  }

  private func page(_ body: [UInt8]) throws(PoolReadingFault) -> PoolReading {
    let page = try metrics(body)
    return try reading(
      SeriesReader(page),
      place: { (figure, text) throws(PoolReadingFault) in
        try value(page, figure, text)
      })
  }

  private func value(_ page: PrometheusText, _ figure: PoolFigure, _ text: String) throws(PoolReadingFault) -> Double? {
    guard let selector = selectors[figure] else {
      throw PoolReadingFault("'\(text)' is no metric, such as db_active{pool=\"orders\"}")
    }
    if let fault = page.faults.first(where: { $0.name == selector.name }) { throw PoolReadingFault("\(fault)") }
    let found = page.samples.filter { selector.selects($0) && endpoint.labels.agree(with: $0) }
    if found.isEmpty, !figure.isCounter {
      throw PoolReadingFault(
        "no metric '\(text)' is there; the page has \(firstFew(page.names, count: page.nameCount))")
    }
    return found.isEmpty ? nil : found.reduce(0) { $0 + $1.value }
  }

  // MARK: Both

  private func reading(
    _ source: some PoolSource, place: (PoolFigure, String) throws(PoolReadingFault) -> Double?
  ) throws(PoolReadingFault) -> PoolReading {
    var reading = PoolReading(gauges: PoolGauges(), scheme: nil, pools: [])
    if endpoint.scheme != nil || endpoint.places.isEmpty { reading = try recognised(source) }
    for figure in PoolFigure.allCases {
      if let text = endpoint.places[figure] { reading.gauges[figure] = try place(figure, text) }
    }
    reading.gauges.complete()
    guard !reading.gauges.isEmpty else { throw PoolReadingFault("none of the places says anything yet") }
    return reading
  }

  private func recognised(_ source: some PoolSource) throws(PoolReadingFault) -> PoolReading {
    let (scheme, pools) = try chosen(source)
    return PoolReading(
      gauges: .sum(pools.map(\.gauges)), scheme: scheme, pools: pools.map(\.name).filter { !$0.isEmpty })
  }

  private func chosen(
    _ source: some PoolSource
  ) throws(PoolReadingFault) -> (scheme: PoolScheme, pools: [FoundPool]) {
    for names in PoolNames.all where endpoint.scheme.map({ $0 == names.scheme }) ?? true {
      let found = source.pools(of: names)
      guard !found.isEmpty else { continue }
      let chosen = found.filter { endpoint.labels.agree(with: $0.labels) }
      guard !chosen.isEmpty else { throw PoolReadingFault(noneChosen(found)) }
      return (names.scheme, chosen)
    }
    let whose = endpoint.scheme.map { "of the scheme \($0.rawValue)" } ?? "that poolops knows"
    throw PoolReadingFault(
      "nothing \(whose) tells of a pool there; the answer has \(source.contents). Name the scheme, or the places")
  }

  private func noneChosen(_ found: [FoundPool]) -> String {
    let wanted = endpoint.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    return "no pool has the labels \(wanted); there is \(firstFew(found.map(\.name)))"
  }
}

/// One pool of an answer.
struct FoundPool {
  /// Its labels, or what it is called in the JSON.
  var name: String
  var labels: [String: String]
  var gauges: PoolGauges
}

/// An answer in which pools can be looked for.
protocol PoolSource {
  func pools(of names: PoolNames) -> [FoundPool]
  /// What is there, for the message that none of it is a pool.
  var contents: String { get }
}

extension [String: String] {
  /// Whether every label that is asked for is there with its value.
  func agree(with labels: [String: String]) -> Bool { allSatisfy { labels[$0.key] == $0.value } }
  func agree(with sample: PrometheusText.Sample) -> Bool { allSatisfy { sample[$0.key] == $0.value } }
}

extension JSONTree {
  /// A number that can be a count, also one in quotes: what apps read from their environment often stays a text.
  fileprivate var amount: Double? {
    let text: String
    switch self {
    case .number(let number): text = number
    case .string(let string): text = string
    default: return nil
    }
    guard let value = Double(text), value.isFinite, value >= 0 else { return nil }
    return value
  }
}

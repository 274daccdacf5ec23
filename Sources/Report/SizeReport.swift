import Advice
import Model

/// `poolops size`: inputs with their marks, every formula with its unit, the model around the answer, the range.
package struct SizeReport: Sendable {
  /// What to type next.
  package enum Next: Hashable, Sendable {
    /// The experiment that the inputs were measured in.
    case experiment(String)
    case anyExperiment
  }

  private let advice: SizingAdvice
  private let next: Next

  /// - Parameter notes: what the run that the inputs come from has against itself, as sentences.
  package init(_ advice: SizingAdvice, next: Next, notes: [String] = []) {
    self.advice = advice
    self.next = next
    self.notes = notes
  }

  private let notes: [String]
  private var caveats: [String] { notes + advice.caveats }

  package func text(_ style: Style) -> String {
    let parts = [
      answer(style), style.heading("Inputs") + "\n" + inputs(style),
      style.heading("Formulas") + "\n" + formulas(style),
      style.heading("What \(advice.model) says of each size (waits as if nobody gave up)") + "\n" + forecasts(style),
      style.heading("What this does not know") + "\n" + list(caveats, style),
      style.paragraph(todo, hanging: 6),
    ]
    return parts.joined(separator: "\n\n") + "\n"
  }

  // MARK: - The answer

  private func answer(_ style: Style) -> String {
    let headline =
      switch advice.range {
      case let range? where range.count == 1: style.paint(Phrases.count(range.lowerBound, "connection"), .good)
      case let range?: style.paint("\(range.lowerBound) to \(range.upperBound) connections", .good)
      case nil: style.paint("No size fits", .bad)
      }
    return headline + "\n" + list(advice.reasons + memory, style)
  }

  private func list(_ sentences: [String], _ style: Style) -> String {
    sentences.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }.joined(separator: "\n")
  }

  private var todo: String {
    guard let size = advice.range?.lowerBound else {
      return "Next: make statements faster or the load smaller, and size again."
    }
    return switch next {
    case .experiment(let name):
      "Next: write 'change: { max_size: \(size) }' into experiments/\(name).yaml, then: poolops experiment run \(name)"
    case .anyExperiment:
      "Next: measure it. Write an experiment with 'change: { max_size: \(size) }' and this load, then: "
        + "poolops experiment run NAME"
    }
  }

  // MARK: - The inputs

  private func inputs(_ style: Style) -> String {
    var table = TextTable([.init("input"), .init("value", right: true), .init("from")])
    for (term, input) in advice.inputs.all {
      table.row([.init(term.title), .init(Self.value(term, input.value)), Self.origin(input.origin)])
    }
    return table.text(style)
  }

  private static func value(_ term: SizingTerm, _ value: Double) -> String {
    switch term {
    case .thinkTime, .serviceTime, .acquireTimeout: Metric.latency(50).text(value)
    case .rate: "\(decimal(value, places: 1)) requests/s"
    case .serverMemory: memory(value)
    case .backendMemory: "\(memory(value))/connection"
    case .users, .cores, .spindles, .threads:
      "\(decimal(value, places: 2)) \(value == 1 ? String(term.title.dropLast()) : term.title)"
    case .cpuPerRequest: "\(decimal(value * 1000, places: 3)) ms/request"
    default: "\(decimal(value, places: 2)) \(term.dimension.text)"
    }
  }

  private static func memory(_ bytes: Double) -> String {
    bytes < 1e9 ? "\(decimal(bytes / 1e6, places: 2)) MB" : "\(decimal(bytes / 1e9, places: 2)) GB"
  }

  private static func origin(_ origin: SizingInput.Origin) -> TextTable.Cell {
    switch origin {
    case .measured(let run): .init("measured (\(run))", .good)
    case .stated(let run): .init("laid down for \(run)")
    case .given: .init("given")
    case .assumed(let source): .init("assumed: \(source)", .warning)
    }
  }

  // MARK: - The formulas

  private func formulas(_ style: Style) -> String {
    var table = TextTable([.init("formula"), .init("sum"), .init("gives", right: true), .init("unit")])
    for formula in advice.formulas {
      let (gives, unit) = Self.outcome(formula.outcome)
      table.row([.init(formula.name), .init(formula.expression), gives, unit])
      table.detail("\(formula.source.capitalised)." + (formula.note.isEmpty ? "" : " \(formula.note)"))
    }
    return table.text(style)
  }

  private static func outcome(_ outcome: FormulaResult.Outcome) -> (TextTable.Cell, TextTable.Cell) {
    switch outcome {
    case .connections(let value): (.init(decimal(value, places: 1)), .init("connections", .good))
    case .wrongUnit(let quantity):
      (
        .init(decimal(quantity.value, places: 1), .bad),
        .init("\(quantity.dimension.text): no number of connections", .bad)
      )
    case .lacks(let terms):
      (.init("-", .faint), .init("lacks " + Phrases.list(terms.map { $0.option ?? $0.title }), .faint))
    case .noResult(let reason): (.init("-", .warning), .init(reason, .warning))
    }
  }

  // MARK: - The model

  private func forecasts(_ style: Style) -> String {
    let gives = advice.forecasts.contains { $0.timeoutShare != nil }
    var table = TextTable(
      [
        .init("size", right: true), .init("in use", right: true), .init("served", right: true),
        .init("must wait", right: true), .init("mean wait", right: true), .init("wait p95", right: true),
        .init("response p95", right: true),
      ] + (gives ? [.init("give up", right: true)] : []) + [.init("")])
    for forecast in advice.forecasts {
      table.row(
        [
          .init("\(forecast.size)"), use(forecast), .init(Metric.throughput.text(forecast.throughput)),
          .init(Self.share(forecast.waitShare)), Self.time(forecast.meanWait), Self.time(forecast.waitP95),
          Self.time(forecast.responseP95),
        ] + (gives ? [.init(forecast.timeoutShare.map(Self.share) ?? "-")] : [])
          + [.init(place(forecast.size))])
    }
    return table.text(style)
  }

  private func use(_ forecast: SizeForecast) -> TextTable.Cell {
    .init(
      Metric.poolUtilisation.text(forecast.utilisation),
      forecast.utilisation < SizeForecast.mostUtilisation ? .plain : .bad)
  }

  private static func share(_ share: Double) -> String {
    share > 0 && share < 0.00005 ? "< 0.01 %" : Metric.errorRate.text(share)
  }

  /// Waits of patient requests at an overloaded pool have no end.
  private static func time(_ seconds: Double) -> TextTable.Cell {
    seconds.isFinite ? .init(seconds < 0.5e-6 ? "0 ms" : Metric.wait(50).text(seconds)) : .init("no end", .bad)
  }

  /// What the backends of both ends of the range take.
  private var memory: [String] {
    guard let range = advice.range, let each = advice.inputs[.backendMemory] else { return [] }
    let ends = Set([range.lowerBound, range.upperBound]).sorted().map { Self.memory(each.value * Double($0)) }
    return [
      "Their backends take \(ends.joined(separator: " to ")) of the server's memory, at \(Self.memory(each.value)) each, "
        + Self.origin(each.origin).text + "."
    ]
  }

  private func place(_ size: Int) -> String {
    guard let range = advice.range, range.contains(size) else { return "" }
    return size == range.lowerBound ? "fewest" : "in range"
  }

  // MARK: - JSON

  package var json: JSONValue {
    [
      "range": advice.range.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) } ?? nil,
      "busy": .number(advice.busy), "model": .string(advice.model),
      "reasons": .array((advice.reasons + memory).map(JSONValue.string)),
      "inputs": .array(
        advice.inputs.all.map { term, input in
          .members(
            [
              ("input", .string(term.rawValue)), ("value", .number(input.value)),
              ("unit", .string(term.dimension.text)),
            ] + Self.origin(input.origin))
        }),
      "formulas": .array(advice.formulas.map(Self.json)), "sizes": .array(advice.forecasts.map(json)),
      "caveats": .array(caveats.map(JSONValue.string)), "next": .string(todo),
    ]
  }

  private static func origin(_ origin: SizingInput.Origin) -> [(String, JSONValue)] {
    switch origin {
    case .measured(let run): [("from", "measured"), ("run", .string("\(run)"))]
    case .stated(let run): [("from", "stated"), ("run", .string("\(run)"))]
    case .given: [("from", "given")]
    case .assumed(let source): [("from", "assumed"), ("source", .string(source))]
    }
  }

  private static func json(_ formula: FormulaResult) -> JSONValue {
    let outcome: [(String, JSONValue)] =
      switch formula.outcome {
      case .connections(let value): [("value", .number(value)), ("unit", "connections"), ("unit_fits", true)]
      case .wrongUnit(let quantity):
        [("value", .number(quantity.value)), ("unit", .string(quantity.dimension.text)), ("unit_fits", false)]
      case .lacks(let terms): [("lacks", .array(terms.map { .string($0.rawValue) }))]
      case .noResult(let reason): [("no_result", .string(reason))]
      }
    return .members(
      [
        ("formula", .string(formula.name)), ("expression", .string(formula.expression)),
        ("source", .string(formula.source)),
      ] + outcome + [("note", .string(formula.note))])
  }

  private func json(_ forecast: SizeForecast) -> JSONValue {
    [
      "size": .integer(forecast.size), "utilisation": .number(forecast.utilisation),
      "throughput": .number(forecast.throughput), "wait_share": .number(forecast.waitShare),
      "mean_wait_s": .number(forecast.meanWait), "wait_p95_s": .number(forecast.waitP95),
      "response_p95_s": .number(forecast.responseP95), "timeout_share": JSONValue(forecast.timeoutShare),
      "memory_bytes": JSONValue(advice.inputs.value(.backendMemory).map { $0 * Double(forecast.size) }),
    ]
  }
}

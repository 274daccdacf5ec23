import Evidence
import Model

/// `poolops sweep confirm`: the knee of a sweep against the present setting.
extension SweepReport {
  func text(of confirmation: KneeConfirmation, _ style: Style) -> String {
    let heading = style.paint("Confirmation of \(spec.confirms.map { "\($0)" } ?? "a knee")", .strong)
    var parts = [
      heading + "  \(sweep.id), \(execution.started.text)\n" + style.paragraph(plan(of: confirmation)),
      style.paragraph(sentence(confirmation), hanging: 2),
    ]
    // Of a part every finding is open: a table of them says nothing.
    guard isWhole, let comparison = confirmation.comparison else {
      parts.append(style.paragraph("Next: \(next(after: confirmation))", hanging: 6))
      return parts.joined(separator: "\n\n") + "\n"
    }
    return parts.joined(separator: "\n\n") + "\n\n"
      + DiffReport(comparison).text(style, next: next(after: confirmation))
  }

  func markdown(of confirmation: KneeConfirmation) -> String {
    var parts = [
      "### Confirmation of \(spec.confirms.map { "\($0)" } ?? "a knee"): \(sweep.id)",
      Markdown.escaped(plan(of: confirmation)), Markdown.escaped(sentence(confirmation)),
    ]
    if isWhole, let comparison = confirmation.comparison { parts.append(DiffReport(comparison).figuresMarkdown) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  func json(of confirmation: KneeConfirmation) -> JSONValue {
    [
      "sweep": .string("\(sweep.id)"), "confirms": JSONValue(spec.confirms.map { "\($0)" }),
      "started": .string(execution.started.text), "finished": JSONValue(sweep.finished?.text),
      "seed": .string("\(execution.seed)"), "level": Self.level(confirmation.level),
      "present": .integer(confirmation.present), "knee": .integer(confirmation.knee), "pairs": .integer(spec.repeats),
      "answer": .string(confirmation.answer.rawValue), "confirmed": .bool(confirmation.isConfirmed),
      "conclusion": .string(sentence(confirmation)),
      "comparison": confirmation.comparison.map { DiffReport($0).json } ?? nil,
    ]
  }

  private func plan(of confirmation: KneeConfirmation) -> String {
    func side(_ size: Int) -> String {
      sweep.cells.first { $0.size == size }?.run.map { " (\($0))" } ?? ""
    }
    return
      "\(confirmation.present) connections, the present setting\(side(confirmation.present)), against \(confirmation.knee), the knee"
      + "\(side(confirmation.knee)), at \(confirmation.level.text): \(Phrases.count(spec.repeats, "pair")) of blocks of "
      + "\(spec.duration.text) after \(spec.warmUp.text), in random order (seed \(execution.seed))."
  }

  private func sentence(_ confirmation: KneeConfirmation) -> String {
    guard !isWhole else { return confirmation.sentence }
    let blocks = findings.cells.map { $0.figures?.blocks ?? 0 }
    return "Not decided: \(blocks.min() ?? 0) of \(Phrases.count(spec.repeats, "pair")) measured."
  }

  private func next(after confirmation: KneeConfirmation) -> String {
    let name = sweep.id.experiment
    guard isWhole else { return "poolops sweep \(name) --resume" }
    if confirmation.isConfirmed {
      return
        "change: { max_size: \(confirmation.knee) } in experiments/\(name).yaml, then poolops experiment run \(name)"
    }
    guard confirmation.answer == .open else { return "poolops sweep show \(spec.confirms.map { "\($0)" } ?? name)" }
    if confirmation.comparison?.refusals.isEmpty == false {
      return "poolops sweep confirm \(spec.confirms.map { "\($0)" } ?? name)  (when that is out of the way)"
    }
    return "poolops sweep confirm \(spec.confirms.map { "\($0)" } ?? name) --pairs \(2 * spec.repeats)"
  }
}

extension KneeConfirmation {
  /// What was found, for somebody who reads nothing else.
  var sentence: String {
    let sizes = "\(knee) connections instead of \(present)"
    switch answer {
    case .better: return "Confirmed: \(sizes): \(changes(.improved))."
    case .equal where knee < present:
      return "Confirmed: \(knee) connections do as well as \(present) in goodput, p95 and failures, within the margin."
    case .equal:
      return
        "Not confirmed: \(present) connections do as well as \(knee) in goodput, p95 and failures, within the margin."
    case .worse: return "Not confirmed: \(sizes): \(changes(.regressed))."
    case .open: return "Not decided: \(reason)."
    }
  }

  private func changes(_ finding: Finding) -> String {
    let words = rows.filter { $0.finding == finding }.map { row in
      let percent = Phrases.percent(row)
      let size = percent == "-" ? Phrases.change(row) : percent
      let interval = Phrases.changeInterval(row)
      return "\(row.metric.title) \(size)" + (interval == "-" ? "" : " (\(interval))")
    }
    return "\(finding.rawValue) \(Phrases.list(words))"
  }

  private var reason: String {
    guard let comparison else { return "one of the two sizes has no whole block" }
    if let first = comparison.refusals.first { return first }
    if comparison.design == .beforeAfter { return "one pair does not separate the size from drift of the machine" }
    let open = rows.filter { $0.finding == .inconclusive }.map(\.metric.title)
    return open.isEmpty ? "neither goodput nor p95 was measured" : "more pairs are needed for \(Phrases.list(open))"
  }
}

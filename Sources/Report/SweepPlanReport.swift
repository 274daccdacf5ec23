import Model

/// `poolops sweep --dry-run`: what would be measured, and how long it takes. It touches nothing.
package struct SweepPlanReport: Sendable {
  private let experiment: Experiment
  private let spec: SweepSpec
  private let rest: SweepRecord?

  /// - Parameter rest: the interrupted sweep that would go on; nil where one would begin.
  package init(_ experiment: Experiment, _ spec: SweepSpec, goingOnWith rest: SweepRecord?) {
    self.experiment = experiment
    self.spec = spec
    self.rest = rest
  }

  /// How long so many blocks take.
  package static func time(_ blocks: Int, of spec: SweepSpec) -> Duration {
    (spec.warmUp + spec.duration + PlanEstimate.overheadPerBlock) * blocks
  }

  private var cells: Int { spec.sizes.count * spec.levels.count }
  private var blocks: Int { cells * spec.repeats }

  /// What the search took in trials over 54 curves: on average, and at most where nothing is noisy.
  private static let usualSteps = (mean: 7, most: 8)

  package func text(_ style: Style) -> String {
    let lines = [
      rest.map { "\($0.id) was interrupted, and would go on; nothing that it has is measured again." }, what,
    ]
    var parts = [style.heading("Sweep of \(experiment.name)") + "\n" + style.paragraph(experiment.title, indent: 2)]
    parts.append("This is a plan. It touches nothing.")
    if let id = spec.confirms {
      parts.append(style.paragraph("It measures the knee of \(id) against the present setting, in pairs."))
    }
    parts += lines.compactMap { $0.map { style.paragraph($0) } }
    parts.append(style.paragraph(needs))
    parts.append(style.paragraph("Next: the same command without --dry-run"))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var what: String {
    let levels = Phrases.list(spec.levels.map(\.text))
    let block = "\(spec.duration.text) after \(spec.warmUp.text) of warm-up"
    let rounds = spec.repeats == 1 ? "" : ", each \(spec.repeats) times"
    let limit = decimal(SweepSpec.steadySpread * 100, places: 1)
    let again =
      spec.again == 0
      ? ""
      : " A cell whose windows of 5 s spread by more than \(limit) % is measured again, at most \(Phrases.count(spec.again, "time"))."
    switch spec.mode {
    case .grid:
      return
        "\(Phrases.count(cells, "cell")): pools of \(Phrases.list(spec.sizes.map(String.init))) at \(levels)\(rounds), "
        + "\(block). \(Phrases.count(blocks, "block")), in random order, in about \(Phrases.time(Self.time(blocks, of: spec))).\(again)"
    case .knee:
      let (mean, most) = (Self.time(Self.usualSteps.mean * spec.repeats, of: spec), Self.usualSteps.most)
      return
        "A search at \(levels)\(rounds), \(block): usually \(Self.usualSteps.mean) sizes, seldom more than \(most), in about "
        + "\(Phrases.time(mean)).\(again)"
    }
  }

  private var needs: String {
    guard let largest = spec.sizes.last else {
      return "It tries pools up to what the server has free connection slots for."
    }
    return spec.mode == .grid
      ? "It needs \(largest + 2) free connection slots: the largest pool and two sessions of poolops's own."
      : "It tries pools up to \(largest), or up to what the server has free connection slots for."
  }

  package var json: JSONValue {
    let blocks = spec.mode == .grid ? self.blocks : Self.usualSteps.mean * spec.repeats
    return [
      "experiment": .string(experiment.name), "mode": .string(spec.mode.rawValue),
      "goes_on_with": JSONValue(rest.map { "\($0.id)" }), "sizes": .array(spec.sizes.map(JSONValue.integer)),
      "levels": .array(spec.levels.map { .string($0.text) }), "repeats": .integer(spec.repeats),
      "again": .integer(spec.again), "confirms": JSONValue(spec.confirms.map { "\($0)" }),
      "cells": .integer(spec.mode == .grid ? cells : Self.usualSteps.mean), "blocks": .integer(blocks),
      "seconds": .number(Self.time(blocks, of: spec).seconds),
    ]
  }
}

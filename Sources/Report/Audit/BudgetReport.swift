import Advice
import Configuration
import Model

/// The slots of one server, or the client connections of one pooler, against all who may take them.
struct BudgetReport {
  let budget: SlotBudget
  private let live: LiveSlots?

  /// - Parameter live: the sessions that hold slots now, where the server itself was asked.
  init(_ budget: SlotBudget, live: LiveSlots?) {
    self.budget = budget
    self.live = live
  }

  func text(_ style: Style) -> String {
    var parts = [style.heading(title), table.text(style)]
    parts += sentences.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }
    if let live { parts += ["", style.heading("  In use now: \(used(live))"), now(live).text(style)] }
    return parts.joined(separator: "\n")
  }

  var isOfServer: Bool { if case .server = budget.side { true } else { false } }

  private var unit: String { isOfServer ? "slots" : "client connections" }

  var title: String {
    let name = (isOfServer ? "Slot budget of " : "Clients of ") + budget.name
    guard let total = budget.total, let usable = budget.usable else {
      return "\(name): how many there are is not known"
    }
    let held = budget.deductions.filter { $0.count.value > 0 }.map { "\($0.count.value) \($0.name)" }
    let less = held.isEmpty ? "" : ", less \(Phrases.list(held))"
    return "\(name): \(usable) \(unit) (\(total.value) by \(total.origin.text)\(less))"
  }

  var table: TextTable {
    let deploys = budget.lines.contains { $0.surge > 0 }
    var table = TextTable(
      [.init("who"), .init(unit, right: true)] + (deploys ? [.init("deploying", right: true)] : []) + [.init("sum")])
    for line in budget.lines {
      let slots: TextTable.Cell =
        line.slots.map { .init("\($0)") } ?? .init(line.isUnlimited ? "no limit" : "?", .warning)
      table.row(
        [.init(line.who), slots] + (deploys ? [.init(line.surge > 0 ? "+\(line.surge)" : "")] : [])
          + [.init(line.unknown ?? line.sum)])
    }
    let least = budget.isComplete ? "" : "at least "
    table.row(
      [.init("all", .strong), .init(least + "\(budget.atRest)", ink(budget.atRest))]
        + (deploys ? [.init("\(budget.duringAllDeploys)", ink(budget.duringAllDeploys))] : []) + [.init(shareText)])
    return table
  }

  private func ink(_ count: Int) -> Style.Ink {
    guard let usable = budget.usable, let planned = budget.planned else { return .plain }
    return count > usable ? .bad : count > planned ? .warning : .good
  }

  private var shareText: String {
    guard let usable = budget.usable, let share = budget.share, share.isFinite else { return "" }
    return "\(percent(share)) of \(usable) at rest; \(percent(budget.targetShare)) may be planned for"
  }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  var sentences: [String] { deploys + breaks + budget.assumptions.map { "Assumed: \($0)." } }

  private var deploys: [String] {
    guard budget.duringOneDeploy < budget.duringAllDeploys else { return [] }
    return ["One deploy at a time takes \(budget.duringOneDeploy) at most, all at once \(budget.duringAllDeploys)."]
  }

  private var breaks: [String] {
    budget.breaks.compactMap { item in
      let texts = [
        item.atRest.map { "at \($0)" }, item.duringDeploy.map { "during a deploy at \($0)" },
      ].compactMap { $0 }
      guard !texts.isEmpty else { return nil }
      let copies = item.copies == 1 ? "1 copy" : "\(item.copies) copies"
      return "\(item.who) runs \(copies); it no longer fits \(texts.joined(separator: ", "))."
    }
  }

  private func used(_ live: LiveSlots) -> String {
    let usable = budget.usable.map { " of \($0)" } ?? ""
    return Phrases.count(live.sessions, "session") + usable
      + (live.seesStates ? "" : " (states not seen: the role lacks pg_monitor)")
  }

  private func now(_ live: LiveSlots) -> TextTable {
    var table = TextTable([
      .init("application"), .init("user"), .init("database"), .init("sessions", right: true),
      .init("active", right: true), .init("idle in transaction", right: true),
    ])
    for group in live.groups {
      table.row([
        .init(group.application.isEmpty ? "(no name)" : group.application), .init(group.user), .init(group.database),
        .init("\(group.sessions)"), .init(live.seesStates ? "\(group.active)" : "?"),
        .init(live.seesStates ? "\(group.idleInTransaction)" : "?", group.idleInTransaction > 0 ? .warning : .plain),
      ])
    }
    return table
  }
}

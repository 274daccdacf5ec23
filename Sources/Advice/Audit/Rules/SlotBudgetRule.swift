import Configuration

/// More connections than the server has slots for.
struct SlotBudgetRule: AuditCheck {
  let rule = AuditRule(
    "slot-budget", "The pools together fit the server's slots", .critical,
    why: """
      Every process of every copy has a pool of its own, a rolling deploy runs old and new copies side by side, and above max_connections, \
      less the reserved slots, PostgreSQL refuses connections with SQLSTATE 53300 (PostgreSQL documentation, chapter 20.3). It is the most \
      frequent outage of pools. Up to 80 % of the slots may be planned for: the rest is for people, migrations and what nobody counted.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.budgets.flatMap { budget -> [Finding] in
      guard case .server(let index) = budget.side else { return [] }
      return [finding(budget, index, landscape)].compactMap { $0 } + limits(index, landscape)
    }
  }

  private func finding(_ budget: SlotBudget, _ server: Int, _ landscape: Landscape) -> Finding? {
    guard let usable = budget.usable else { return nil }
    let message: String
    var severity = Finding.Severity.warning
    switch budget.verdict {
    case .exceeded:
      severity = .critical
      message =
        "\(budget.atRest) connections are possible and \(budget.name) has \(usable) slots for them\(words(budget))"
    case .breaksDuringDeploy:
      severity = .critical
      let line = budget.lines.max { $0.surge < $1.surge }
      message = """
        At rest \(budget.atRest) of \(usable) slots of \(budget.name) can be taken; while \(line?.who ?? "") is deployed it is \
        \(budget.duringOneDeploy)\(words(budget))
        """
    case .breaksWhenAllDeploy:
      message = """
        At rest \(budget.atRest) of \(usable) slots of \(budget.name) can be taken; when everything is deployed at once it is \
        \(budget.duringAllDeploys)\(words(budget))
        """
    case .tight:
      let share = Int(((budget.share ?? 0) * 100).rounded())
      message = """
        \(budget.atRest) of \(usable) slots of \(budget.name) can be taken: \(share) %, above the \
        \(Int((budget.targetShare * 100).rounded())) % that may be planned for\(words(budget))
        """
    case .unlimited:
      let unlimited = budget.lines.filter(\.isUnlimited)
      let who = unlimited.map(\.who).joined(separator: ", ")
      message = "\(who) may open any number of connections; \(budget.name) has \(usable) slots"
      return Finding(
        rule, .warning, at: unlimited.first?.place, message, fix: BudgetFix(budget, server, landscape).bound)
    case .fits, .unknown: return nil
    }
    return Finding(
      rule, severity, at: budget.lines.max { ($0.slots ?? 0) < ($1.slots ?? 0) }?.place ?? budget.place, message,
      fix: BudgetFix(budget, server, landscape).fix, related: related(budget))
  }

  private func words(_ budget: SlotBudget) -> String {
    ": " + budget.lines.map { "\($0.who) \($0.sum)" }.joined(separator: "; ")
  }

  private func related(_ budget: SlotBudget) -> [Finding.Related] {
    let limit = budget.total.flatMap { total in
      total.origin.place.map { Finding.Related($0, "max_connections is \(total.value)") }
    }
    let lines = budget.lines.compactMap { line in line.place.map { Finding.Related($0, "\(line.who): \(line.sum)") } }
    return [limit].compactMap { $0 } + lines
  }

  /// `CONNECTION LIMIT` of roles and databases.
  private func limits(_ index: Int, _ landscape: Landscape) -> [Finding] {
    landscape.servers[index].server.limits.compactMap { limit in
      guard limit.connections.value >= 0 else { return nil }
      let takers = landscape.direct(to: index).filter { pool in
        guard let address = pool.address else { return false }
        return (limit.kind == .role ? address.user : address.database) == limit.name
      }
      let lines = takers.map { SlotBudget.Line($0) }
      let sum = lines.reduce(0) { $0 + ($1.slots ?? 0) }
      guard sum > limit.connections.value else { return nil }
      let sums = lines.map { "\($0.who) \($0.sum)" }.joined(separator: "; ")
      return Finding(
        rule, .critical, at: limit.connections.place,
        "The \(limit.kind.rawValue) \(limit.name) may have \(limit.connections.value) connections, and \(sum) are possible: \(sums)",
        related: takers.map { Finding.Related($0.place, "\($0.name) connects as \(limit.name)") })
    }
  }
}

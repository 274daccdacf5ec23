import Configuration

extension AuditVerdict.Gap {
  /// What an audit of these files could not see.
  package static func all(_ landscape: Landscape) -> [AuditVerdict.Gap] {
    let faults = (landscape.files.flatMap(\.remarks) + landscape.remarks).filter { $0.weight == .fault }
    var seen: Set<AuditVerdict.Gap> = []
    let gaps =
      faults.map { AuditVerdict.Gap($0.text, at: $0.place, remedy: "see to \($0.place) first: \($0.text).") }
      + nothing(landscape) + landscape.budgets.flatMap(of)
    return gaps.filter { seen.insert($0).inserted }
  }

  private static func nothing(_ landscape: Landscape) -> [AuditVerdict.Gap] {
    guard landscape.applications.isEmpty, landscape.poolers.isEmpty, landscape.servers.isEmpty else { return [] }
    return [
      .init(
        "nothing that was read says anything of database connections",
        remedy: "name the files that hold the pool's settings; 'poolops audit --help' lists the formats.")
    ]
  }

  private static func size(_ line: SlotBudget.Line) -> String? {
    guard !line.isUnlimited else { return nil }
    return """
      give the size of \(line.who)'s pool where the audit can read it, such as DB_POOL_MAX=N, and which pool it is \
      (--pool NAME, or '# poolops: pool=NAME' in the file).
      """
  }

  private static func of(_ budget: SlotBudget) -> [AuditVerdict.Gap] {
    var gaps: [AuditVerdict.Gap] = []
    if budget.total == nil, !budget.lines.isEmpty {
      gaps.append(
        .init(
          "how many connections \(budget.name) allows is in none of the files",
          remedy: "give --max-connections N or the server's postgresql.conf, or ask the server itself with --live."))
    }
    gaps += budget.lines.compactMap { line in
      line.unknown.map { .init("\(line.who): \($0)", at: line.place, remedy: line.remedy ?? size(line)) }
    }
    return gaps
  }
}

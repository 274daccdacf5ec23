import Advice
import Configuration
import Testing

@Suite struct AuditTests {
  private func findings(_ files: [ConfigurationFile], _ options: AuditOptions, _ rule: String) -> [Finding] {
    Audit.run(files: files, options: options).findings.filter { $0.rule.id == rule }
  }

  @Test(arguments: AuditCases.all) func `a rule fires where it should, and nowhere else`(_ test: AuditCase) {
    let found = findings(test.files, test.options, test.rule)
    let all = found.map { "\($0.severity) \($0.place?.description ?? "-"): \($0.message) | \($0.fix?.line ?? "-")" }
    let matching = found.filter { finding in
      finding.severity == test.severity && (test.line == nil || finding.place?.line == test.line)
        && test.says.allSatisfy(finding.message.contains) && (test.fix == nil || finding.fix?.line == test.fix)
    }
    #expect(test.severity == nil ? found.isEmpty : !matching.isEmpty, "\(all.joined(separator: "\n"))")
  }

  @Test(arguments: AuditCases.firing) func `the fix mends what was found`(_ test: AuditCase) {
    for finding in findings(test.files, test.options, test.rule) {
      guard let repair = Repair(test.files, finding) else { continue }
      let left = findings(repair.files, test.options, test.rule).filter { $0.place == finding.place }
      #expect(left.isEmpty, "\(finding.fix?.line ?? ""): \(left.map(\.message))")
    }
  }

  @Test(arguments: AuditRules.all.map(\.rule.id)) func `every rule is shown firing and silent`(_ id: String) {
    let cases = AuditCases.all.filter { $0.rule == id }
    #expect(cases.contains { $0.severity != nil } && cases.contains { $0.severity == nil })
  }

  @Test func `identifiers are words and unlike each other`() {
    let ids = AuditRules.all.map(\.rule.id)
    #expect(Set(ids).count == ids.count && ids.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
  }

  @Test func `the worst stands first, and nothing depends on the order of the files`() {
    let files = AuditCases.firing.prefix(3).flatMap(\.files) + [HandBuilt.env("DB_POOL_MIN=5\nDB_POOL_MAX=4")]
    let found = Audit.run(files: files).findings
    #expect(found.map(\.severity) == found.map(\.severity).sorted(by: >))
    #expect(Audit.run(files: files).findings == found)
  }

  @Test func `nothing at all gives nothing`() {
    let result = Audit.run(files: [])
    #expect(result.findings.isEmpty && result.budgets.isEmpty)
  }
}

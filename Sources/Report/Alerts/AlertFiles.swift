/// The files that alerts are rendered into.
package struct AlertFiles: Hashable, Sendable {
  package struct File: Hashable, Sendable {
    package var name: String
    package var text: String
  }
  /// Rules and their tests, source by source, then the dashboard.
  package let files: [File]
  /// All rules as one rule file.
  package let rules: String

  package init(_ sources: [AlertSource], _ plan: AlertPlan) {
    var files: [File] = []
    for source in sources {
      let name = "poolops-\(source.id).rules.yml"
      files.append(File(name: name, text: RulesFile(sources: [source], plan: plan).text))
      files.append(
        File(
          name: "poolops-\(source.id).test.yml",
          text: RulesTest(source: source, plan: plan, rulesFile: name).text))
    }
    files.append(File(name: "poolops-dashboard.json", text: AlertDashboard(sources: sources, plan: plan).text))
    self.files = files
    rules = RulesFile(sources: sources, plan: plan).text
  }
}

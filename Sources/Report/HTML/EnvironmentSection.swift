import Evidence
import Model

/// What stands against a comparison, and where its runs were made.
struct EnvironmentSection {
  let runs: [RunFigures]
  /// nil where nothing is compared.
  let differences: [Difference]?

  var html: [HTML] {
    var parts: [HTML] = []
    if let differences {
      parts.append(.element("h2", "What differs besides"))
      let title = "What differs besides the settings"
      parts += differences.isEmpty ? [.element("p", "Nothing that was recorded.")] : [table(title, differences)]
    }
    let facts = sharedFacts
    guard !facts.isEmpty else { return parts }
    let list = facts.flatMap { [HTML.element("dt", $0.0), HTML.element("dd", $0.1)] }
    return parts + [.element("h2", "Environment"), .element("dl", ["class": "facts"], list)]
  }

  private func table(_ title: String, _ differences: [Difference]) -> HTML {
    var table = HTMLTable(title, [.init("fact"), .init("before"), .init("after")])
    for item in differences { table.row([.init(item.name.words), .init(item.before), .init(item.after)]) }
    return table.html
  }

  /// What all runs agree in; nothing else is the environment of both.
  private var sharedFacts: [(String, String)] {
    guard let first = runs.first?.run.environment else { return [] }
    return first.sorted { $0.key < $1.key }.filter { fact in
      runs.allSatisfy { $0.run.environment[fact.key] == fact.value }
    }.map { ($0.key.words, $0.value) }
  }
}

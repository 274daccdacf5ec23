import Model

extension Comparison {
  /// Why nothing may be concluded from two sides that are laid out well enough otherwise.
  var foundRefusals: [String] {
    mixed(before) + mixed(after) + unlike + [before, after].flatMap(objections)
  }

  /// Runs of one group must be repetitions of each other.
  private func mixed(_ side: RunFigures) -> [String] {
    let settings = SettingKey.allCases.compactMap { key -> String? in
      differing(key.rawValue, side.runs.map { $0.wanted.texts[key] ?? "unknown" })
    }
    let names = side.runs.reduce(into: Set()) { $0.formUnion($1.environment.keys) }.sorted()
    let facts = names.compactMap { name in differing(name, side.runs.map { $0.environment[name] ?? "unknown" }) }
    let found = settings + facts
    return found.isEmpty
      ? [] : ["\(side.name) are compared as one, but differ among themselves in \(found.joined(separator: ", "))"]
  }

  /// Longer ones, such as two commits or two loads, would bury the sentence; `diff` of two of the runs shows them.
  private static let longestValues = 40

  private func differing(_ name: String, _ values: [String]) -> String? {
    let kinds = Set(values).sorted()
    guard kinds.count > 1 else { return nil }
    let values = kinds.joined(separator: ", ")
    return values.count <= Self.longestValues ? "\(name) (\(values))" : name
  }

  /// A run measured elsewhere, of other versions or under another load differs for that, whatever the settings do.
  /// Blocks that one side lacks are left out with their pair.
  private var unlike: [String] {
    let names = otherDifferences.map(\.name).filter { $0 != "blocks" }
    return names.isEmpty ? [] : ["the runs differ in more than the change: \(names.joined(separator: ", "))"]
  }

  private func objections(_ side: RunFigures) -> [String] {
    side.objections.map { side.others.isEmpty ? "\(side.run.id): \($0)" : $0 }
  }
}

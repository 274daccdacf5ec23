import Model
import YAML

extension ExperimentReader {
  mutating func transactions(_ node: Node) -> [Transaction]? {
    guard let nodes = list(node, "transactions", accepts: "'- name: ...' with 'sql: ...' for each") else { return nil }
    guard !nodes.isEmpty else { return fault(node.mark, "transactions is empty; write at least one") }
    var lines: [String: Int] = [:]
    var transactions: [Transaction] = []
    for node in nodes {
      guard let (transaction, mark) = transaction(node) else { continue }
      if let line = lines[transaction.name] {
        report(mark, "a transaction is called \(quoted(transaction.name)) already; the first one is on line \(line)")
      }
      lines[transaction.name] = lines[transaction.name] ?? mark.line
      transactions.append(transaction)
    }
    return transactions.count == nodes.count ? transactions : nil
  }

  private mutating func transaction(_ node: Node) -> (Transaction, name: Mark)? {
    let known = ["name", "weight", "sql", "parameters"]
    guard let fields = fields(node, "a transaction", known: known, required: ["name", "sql"]) else { return nil }
    let name = fields["name"].flatMap { transactionName($0) }
    let weight = fields["weight"].map { integer($0, "weight", 1...1_000_000) } ?? 1
    let sql = fields["sql"].flatMap { statement($0) }
    let parameters = fields["parameters"].map { self.parameters($0) } ?? []
    guard let sqlNode = fields["sql"], let sql, let parameters else { return nil }
    let ordered = matched(sql, sqlNode.mark, parameters)
    guard let name, let weight, let ordered else { return nil }
    return (Transaction(name: name, weight: weight, sql: sql, parameters: ordered), fields["name"]?.mark ?? node.mark)
  }

  private mutating func transactionName(_ node: Node) -> String? {
    let accepts = "a name of 1 to 60 characters, such as read_account"
    guard let text = scalar(node, "name", accepts: accepts) else { return nil }
    let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard (1...60).contains(text.count), !hasControls else { return refuse(node, text, "name", accepts) }
    return text
  }

  private mutating func statement(_ node: Node) -> String? {
    guard let text = scalar(node, "sql", accepts: "one SQL statement") else { return nil }
    let sql = text.trimmingBlanks
    guard !sql.isEmpty else { return fault(node.mark, "sql is empty; write one SQL statement") }
    guard !sql.unicodeScalars.contains("\0") else { return fault(node.mark, "sql holds a zero character; remove it") }
    guard !PlaceholderSQL(sql).holdsSeveralStatements else {
      return fault(node.mark, "sql holds more than one statement; write one, or make each a transaction of its own")
    }
    return sql
  }

  private mutating func parameters(_ node: Node) -> [(parameter: Parameter, mark: Mark)]? {
    guard let entries = entries(node, "parameters", accepts: "the values of the statement's :names") else { return nil }
    let found = entries.compactMap { entry in
      values(entry.value, entry.key).map { (parameter: Parameter(name: entry.key, values: $0), mark: entry.mark) }
    }
    return found.count == entries.count ? found : nil
  }

  /// The parameters in the order of the statement; each placeholder has one, and each has a placeholder.
  private mutating func matched(
    _ sql: String, _ mark: Mark, _ parameters: [(parameter: Parameter, mark: Mark)]
  ) -> [Parameter]? {
    let names = PlaceholderSQL(sql).names
    let given = parameters.map(\.parameter.name)
    for name in names where !given.contains(name) {
      report(mark, "the statement's \(quoted(":" + name)) has no parameter; add '\(name)' to parameters")
    }
    for (parameter, mark) in parameters where !names.contains(parameter.name) {
      let hint = suggestion(parameter.name, names.filter { !given.contains($0) })
      report(
        mark, "the parameter \(quoted(parameter.name)) stands nowhere in the statement as ':\(parameter.name)'\(hint)")
    }
    let ordered = names.compactMap { name in parameters.first { $0.parameter.name == name }?.parameter }
    return ordered.count == names.count && names.count == given.count ? ordered : nil
  }

  private mutating func values(_ node: Node, _ name: String) -> ParameterValues? {
    if case .scalar = node.content {
      return scalar(node, name, accepts: "a value, or uniform, exponential or constant").map(ParameterValues.text)
    }
    guard let (key, value) = choice(node, name, of: ["uniform", "exponential", "constant"]) else { return nil }
    switch key {
    case "uniform": return uniform(value)
    case "exponential":
      guard let mean = amount(value, key) else { return nil }
      guard mean.value > 0 else { return fault(value.mark, "the mean of exponential must be above 0") }
      return .number(.exponential(mean: mean.value))
    default: return amount(value, key).map { .number(.constant($0.value)) }
    }
  }

  private mutating func uniform(_ node: Node) -> ParameterValues? {
    guard let (low, high) = range(node, "two numbers or durations, such as [1, 1000000]") else { return nil }
    let ends = (amount(low, "uniform"), amount(high, "uniform"))
    guard let least = ends.0, let most = ends.1 else { return nil }
    guard least.isDuration == most.isDuration else {
      return fault(node.mark, "uniform takes two numbers or two durations, not one of each")
    }
    guard least.value <= most.value else {
      return fault(node.mark, "uniform goes from the smaller to the larger one; swap them")
    }
    if let low = least.whole, let high = most.whole { return .integers(low: low, high: high) }
    return .number(.uniform(low: least.value, high: most.value))
  }

  private struct Amount {
    /// Seconds for a duration.
    var value: Double
    var isDuration = false
    var whole: Int64?
  }

  private mutating func amount(_ node: Node, _ name: String) -> Amount? {
    let accepts = "a number such as 5 or 0.5, or a duration such as 48.4ms"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    if let duration = Duration(text: text) { return Amount(value: duration.seconds, isDuration: true) }
    guard let number = Double(decimalText: text) else { return refuse(node, text, name, accepts) }
    return Amount(value: number, whole: Int64(text))
  }
}

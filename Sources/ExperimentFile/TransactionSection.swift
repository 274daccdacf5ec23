import Model
import YAML

extension ExperimentReader {
  /// The transactions, or the steps of a flow. `list` is the key that they stand under.
  mutating func transactions(_ node: Node, _ list: String, _ context: LoadContext) -> [Transaction]? {
    let accepts = "'- name: ...' with '\(context.isHTTP ? "request" : "sql"): ...' for each"
    guard let nodes = self.list(node, list, accepts: accepts) else { return nil }
    guard !nodes.isEmpty else { return fault(node.mark, "\(list) is empty; write at least one") }
    var lines: [String: Int] = [:]
    var found: [ReadTransaction] = []
    for node in nodes {
      guard let next = transaction(node, context) else { continue }
      let name = next.transaction.name
      if let line = lines[name] {
        report(
          next.mark,
          "a \(context.noun) is called \(quoted(name)) already; the first one is on line \(line)")
      }
      lines[name] = lines[name] ?? next.mark.line
      found.append(next)
    }
    guard found.count == nodes.count else { return nil }
    tellUncaptured(found)
    return found.map(\.transaction)
  }

  private struct ReadTransaction {
    var transaction: Transaction
    /// Of its name.
    var mark: Mark
    /// Where parameters use what earlier steps captured.
    var uses: [(name: String, mark: Mark)]
  }

  /// A value must have been captured by a step before the one that uses it.
  private mutating func tellUncaptured(_ steps: [ReadTransaction]) {
    let all = steps.flatMap { $0.transaction.captures.map(\.name) }
    var known: [String] = []
    for step in steps {
      for (name, mark) in step.uses where !known.contains(name) {
        let when =
          all.contains(name) ? "captured only by this step or a later one" : "captured by no step before this one"
        report(mark, "\(quoted(name)) is \(when)\(suggestion(name, known))")
      }
      known += step.transaction.captures.map(\.name)
    }
  }

  private mutating func transaction(_ node: Node, _ context: LoadContext) -> ReadTransaction? {
    let work = context.isHTTP ? "request" : "sql"
    let hasOther = node.value(of: context.isHTTP ? "sql" : "request") != nil
    guard
      let fields = fields(
        node, "a \(context.noun)", known: context.keys, required: hasOther ? ["name"] : ["name", work],
        misplaced: context.misplacedKeys)
    else { return nil }
    let name = fields["name"].flatMap { transactionName($0) }
    let weight = fields["weight"].map { integer($0, "weight", 1...1_000_000) } ?? 1
    let parameters = fields["parameters"].map { self.parameters($0, context) } ?? []
    let captures = fields["captures"].map { self.captures($0, context) } ?? []
    let pause = fields["pause"].flatMap { pauses($0, "pause") }
    let asked = fields[work].flatMap { self.work($0, fields, parameters, context) }
    guard let name, let weight, let parameters, let captures, let asked, pause != nil || fields["pause"] == nil
    else { return nil }
    let transaction = Transaction(
      name: name, weight: weight, work: asked.work, parameters: asked.parameters, captures: captures, pause: pause)
    return ReadTransaction(
      transaction: transaction, mark: fields["name"]?.mark ?? node.mark, uses: parameters.compactMap(\.use))
  }

  private mutating func work(
    _ node: Node, _ fields: Fields, _ parameters: [ReadParameter]?, _ context: LoadContext
  ) -> (work: Transaction.Work, parameters: [Parameter])? {
    if context.isHTTP {
      let request = self.request(node, expect: fields["expect"], context)
      guard let request, let parameters else { return nil }
      let words = PlaceholderWords(
        names: request.placeholders, text: "the request", shown: { "{\($0)}" },
        place: { "'{\($0)}', or '{{\($0)}}' in the body" })
      return matched(words, node.mark, parameters).map { (.http(request), $0) }
    }
    let sql = statement(node, context)
    guard let sql, let parameters else { return nil }
    let words = PlaceholderWords(
      names: PlaceholderSQL(sql).names, text: "the statement", shown: { ":\($0)" }, place: { "':\($0)'" })
    return matched(words, node.mark, parameters).map { (.sql(sql), $0) }
  }

  private mutating func transactionName(_ node: Node) -> String? {
    let accepts = "a name of 1 to 60 characters, such as read_account"
    guard let text = scalar(node, "name", accepts: accepts) else { return nil }
    let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard (1...60).contains(text.count), !hasControls else { return refuse(node, text, "name", accepts) }
    return text
  }

  private static let writingWords = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "VACUUM",
    "REINDEX",
  ]

  private mutating func statement(_ node: Node, _ context: LoadContext) -> String? {
    guard let text = scalar(node, "sql", accepts: "one SQL statement") else { return nil }
    let sql = text.trimmingBlanks
    guard !sql.isEmpty else { return fault(node.mark, "sql is empty; write one SQL statement") }
    guard !sql.unicodeScalars.contains("\0") else { return fault(node.mark, "sql holds a zero character; remove it") }
    guard !PlaceholderSQL(sql).holdsSeveralStatements else {
      return fault(node.mark, "sql holds more than one statement; write one, or make each a transaction of its own")
    }
    let first = sql.prefix { $0.isLetter }.uppercased()
    if !context.writes, Self.writingWords.contains(first) {
      return fault(
        node.mark, "\(first) writes, and the load's sessions are read-only; write 'writes: true' in load if it may")
    }
    return sql
  }

  struct ReadParameter {
    var parameter: Parameter
    /// Of its name.
    var mark: Mark
    var valueMark: Mark

    /// What an earlier step must have captured for it.
    var use: (name: String, mark: Mark)? {
      if case .captured(let name) = parameter.values { (name, valueMark) } else { nil }
    }
  }

  private mutating func parameters(_ node: Node, _ context: LoadContext) -> [ReadParameter]? {
    let text = context.isHTTP ? "the request's {names}" : "the statement's :names"
    guard let entries = entries(node, "parameters", accepts: "the values of \(text)") else { return nil }
    let found = entries.compactMap { entry in
      values(entry.value, entry.key, context).map {
        ReadParameter(
          parameter: Parameter(name: entry.key, values: $0), mark: entry.mark,
          valueMark: (entry.value.value(of: "captured") ?? entry.value).mark)
      }
    }
    return found.count == entries.count ? found : nil
  }

  /// The placeholders of a text, and how to speak of them.
  struct PlaceholderWords {
    var names: [String]
    var text: String
    var shown: (String) -> String
    var place: (String) -> String
  }

  /// The parameters in the order of the text; each placeholder has one, and each has a placeholder.
  private mutating func matched(
    _ words: PlaceholderWords, _ mark: Mark, _ parameters: [ReadParameter]
  ) -> [Parameter]? {
    let (names, given) = (words.names, parameters.map(\.parameter.name))
    for name in names where !given.contains(name) {
      report(mark, "\(words.text)'s \(quoted(words.shown(name))) has no parameter; add '\(name)' to parameters")
    }
    for read in parameters where !names.contains(read.parameter.name) {
      let name = read.parameter.name
      let hint = suggestion(name, names.filter { !given.contains($0) })
      report(read.mark, "the parameter \(quoted(name)) stands nowhere in \(words.text) as \(words.place(name))\(hint)")
    }
    let ordered = names.compactMap { name in parameters.first { $0.parameter.name == name }?.parameter }
    return ordered.count == names.count && names.count == given.count ? ordered : nil
  }

  private mutating func values(_ node: Node, _ name: String, _ context: LoadContext) -> ParameterValues? {
    if case .scalar = node.content {
      return scalar(node, name, accepts: "a value, or uniform, exponential or constant").map(ParameterValues.text)
    }
    let known = ["uniform", "exponential", "constant"]
    if let captured = node.value(of: "captured"), !context.isFlow {
      return fault(captured.mark, "captured is for the steps of a flow, which use what earlier steps captured")
    }
    guard let (key, value) = choice(node, name, of: context.isFlow ? known + ["captured"] : known) else { return nil }
    switch key {
    case "uniform": return uniform(value)
    case "captured":
      return scalar(value, "captured", accepts: "the name of a value that an earlier step captures")
        .map(ParameterValues.captured)
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

extension LoadContext {
  /// What one entry of the list is called.
  var noun: String { isFlow ? "step" : "transaction" }

  /// The keys of a transaction, or of a step.
  fileprivate var keys: [String] {
    let work = isHTTP ? ["request", "parameters", "expect"] : ["sql", "parameters"]
    return isFlow ? ["name"] + work + ["captures", "pause"] : ["name", "weight"] + work
  }

  /// Keys that other loads have, and what to say of them.
  fileprivate var misplacedKeys: [String: String] {
    var keys: [String: String] = [:]
    if isFlow {
      keys["weight"] = "has no meaning in a flow, whose steps all come in turn; remove it"
    } else {
      keys["captures"] =
        "is for the steps of a flow, which use what earlier steps captured; write 'flow' for 'transactions'"
      keys["pause"] = "is for the steps of a flow; write 'flow' for 'transactions', or think_time in load"
    }
    if isHTTP {
      keys["sql"] = "has no meaning in a load over HTTP; write 'request', or remove 'http' from load"
    } else {
      keys["request"] = "is for a load over HTTP; write 'sql', or add 'http: { url: ... }' to load"
      keys["expect"] = "is for a load over HTTP, whose answers have a status and a body"
    }
    return keys
  }
}

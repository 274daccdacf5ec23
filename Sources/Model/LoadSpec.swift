/// The load of an experiment: who asks, how often, and for what.
package struct LoadSpec: Hashable, Sendable {
  /// What carries the requests.
  package enum Carrier: Hashable, Sendable {
    /// Statements, over connections of poolops's own pool.
    case sql
    /// HTTP requests to an app, whose pool is then the one under load.
    case http(HTTPLoadSpec)
  }

  package var shape: LoadShape
  /// Pause of a user between the end of one request, or of one flow, and the next one. Not used by open loops. Values in seconds.
  package var thinkTime: Distribution
  /// At least one; chosen by weight for each request. All of one kind of work, which is the carrier's.
  package var transactions: [Transaction]
  /// Whether the transactions are the steps of a business flow: a user goes through all of them in order.
  package var isFlow: Bool
  package var carrier: Carrier
  /// `statement_timeout` of the load's sessions; nil leaves the server's.
  package var statementTimeout: Duration?
  /// Longest time from sending a request to its whole answer; then its connection is given up. nil: no limit.
  package var requestTimeout: Duration?
  /// Whether the load's sessions may write. Else they run with `default_transaction_read_only`.
  package var writes: Bool
  /// Threads that share the load. Each has a part of the users, or of the rate, and of the connections: as many pools as threads.
  package var threads: Int

  package init(
    shape: LoadShape, thinkTime: Distribution = .constant(0), transactions: [Transaction], isFlow: Bool = false,
    carrier: Carrier = .sql, statementTimeout: Duration? = nil, requestTimeout: Duration? = nil, writes: Bool = false,
    threads: Int = 1
  ) {
    self.shape = shape
    self.thinkTime = thinkTime
    self.transactions = transactions
    self.isFlow = isFlow
    self.carrier = carrier
    self.statementTimeout = statementTimeout
    self.requestTimeout = requestTimeout
    self.writes = writes
    self.threads = threads
  }
}

extension LoadSpec {
  /// Longest time from sending a request to the first byte of its answer; nil: no limit of its own.
  package var firstByteTimeout: Duration? {
    if case .http(let http) = carrier { http.firstByteTimeout } else { nil }
  }
}

/// Where a random number comes from. The unit is the user's: seconds for think times, plain numbers for parameters.
package enum Distribution: Hashable, Sendable {
  case constant(Double)
  /// Evenly from `low` to `high`, both included where the numbers are whole.
  case uniform(low: Double, high: Double)
  case exponential(mean: Double)

  package var mean: Double {
    switch self {
    case .constant(let value): value
    case .uniform(let low, let high): (low + high) / 2
    case .exponential(let mean): mean
    }
  }
}

/// One kind of request, or one step of a flow.
package struct Transaction: Hashable, Sendable {
  /// What is asked.
  package enum Work: Hashable, Sendable {
    /// A single statement, run as a transaction of its own, as the file has it, with `:name` placeholders.
    case sql(String)
    /// A request to an app, with `{name}` placeholders.
    case http(HTTPRequestSpec)
  }

  package var name: String
  /// Share among the transactions, relative; at least 1. Without meaning in a flow, whose steps all come in turn.
  package var weight: Int
  package var work: Work
  /// In the order of `$1, $2 ...`; those of an HTTP request in the order of their first use.
  package var parameters: [Parameter]
  /// Values of the answer that later steps of the flow use.
  package var captures: [Capture]
  /// Pause before this step of a flow, seconds; nil: none. Without meaning outside of a flow.
  package var pause: Distribution?

  package init(
    name: String, weight: Int = 1, work: Work, parameters: [Parameter] = [], captures: [Capture] = [],
    pause: Distribution? = nil
  ) {
    self.name = name
    self.weight = weight
    self.work = work
    self.parameters = parameters
    self.captures = captures
    self.pause = pause
  }

  package init(name: String, weight: Int = 1, sql: String, parameters: [Parameter] = []) {
    self.init(name: name, weight: weight, work: .sql(sql), parameters: parameters)
  }

  /// What is asked, on one line, as the file has it.
  package var text: String {
    switch work {
    case .sql(let sql): sql
    case .http(let request): "\(request.method) \(request.path)"
    }
  }

  /// The statement as PostgreSQL takes it: `:aid` becomes `$1`, outside quotes, comments and `::` casts; nil for HTTP.
  package var preparedSQL: String? {
    guard case .sql(let sql) = work else { return nil }
    return PlaceholderSQL(sql).replacing(parameters.map(\.name))
  }
}

/// A value of an answer, kept under a name for the later steps of the same flow.
package struct Capture: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    /// A column of the first row, by name.
    case column(String)
    /// A place in a JSON body: `order.id`, `items[0].sku`.
    case json(String)
    /// A header of the response, by name, any case.
    case header(String)
  }
  package var name: String
  package var source: Source
  package init(name: String, source: Source) {
    self.name = name
    self.source = source
  }
}

/// A `:name` of a statement and how its value is drawn.
package struct Parameter: Hashable, Sendable {
  package var name: String
  package var values: ParameterValues
  package init(name: String, values: ParameterValues) {
    self.name = name
    self.values = values
  }
}

package enum ParameterValues: Hashable, Sendable {
  /// A value that an earlier step of the flow has captured, by the capture's name.
  case captured(String)
  case text(String)
  /// Whole numbers, evenly, both ends included.
  case integers(low: Int64, high: Int64)
  /// Sent as a decimal number; exponential durations are sent in seconds.
  case number(Distribution)
}

extension LoadSpec {
  /// Names under which steps of the flow keep values, each once, in the order of their first capture. A visit's values lie
  /// in a table that is indexed so.
  package var captureNames: [String] {
    transactions.flatMap(\.captures).reduce(into: []) { names, capture in
      if !names.contains(capture.name) { names.append(capture.name) }
    }
  }

  /// The load as one line, equal for equal loads: two runs are comparable only under the same one.
  package var summary: String {
    let mix = transactions.map { isFlow ? $0.stepSummary : "\($0.weight) x \($0.requestSummary)" }
    let parts = [shape.summary(thinkTime: thinkTime), carrierSummary, limitSummary].compactMap { $0 }
    return "\(parts.joined(separator: ", ")): " + (isFlow ? "flow of " : "") + mix.joined(separator: "; ")
  }

  private var carrierSummary: String? {
    guard case .http(let http) = carrier else { return nil }
    let connections = http.connections.map { " over \($0) connections" } ?? ""
    let headers = http.headers.isEmpty ? "" : " with \(http.headers.map(\.summary).joined(separator: ", "))"
    let streams = http.version == .http2 ? ", at most \(http.streams) requests on each" : ""
    return "HTTP \(http.version.rawValue) to \(http.base)\(connections)\(headers)\(streams)"
  }

  private var limitSummary: String? {
    let parts = [
      requestTimeout.map { "request timeout \($0.text)" }, writes ? "writes" : nil,
      threads > 1 ? "\(threads) threads" : nil,
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension Transaction {
  fileprivate var requestSummary: String {
    let drawn = parameters.map { "\($0.name) \($0.values.summary)" }.joined(separator: ", ")
    return work.summary + (drawn.isEmpty ? "" : " with \(drawn)")
  }

  fileprivate var stepSummary: String {
    let before = pause.map { "after \($0.summary) " } ?? ""
    let kept = captures.map { "\($0.name) from \($0.source.summary)" }.joined(separator: ", ")
    return before + requestSummary + (kept.isEmpty ? "" : " keeping \(kept)")
  }
}

extension Transaction.Work {
  fileprivate var summary: String {
    switch self {
    case .sql(let sql): return sql
    case .http(let request):
      let headers = request.headers.map { " [\($0.summary)]" }.joined()
      let body = request.body.map { " '\($0.replacingLineBreaks)'" } ?? ""
      let statuses = request.statuses.isEmpty ? "" : " expecting \(request.statuses)"
      let content = request.bodyContains.map { " containing '\($0.replacingLineBreaks)'" } ?? ""
      return "\(request.method) \(request.path)\(headers)\(body)\(statuses)\(content)"
    }
  }
}

extension HTTPHeader {
  /// Of a value from the environment only where it comes from.
  fileprivate var summary: String {
    switch value {
    case .text(let text): "\(name): \(text)"
    case .environment(let variable): "\(name): $\(variable)"
    }
  }
}

extension Capture.Source {
  /// `column id`, `json order.id`, `header location`.
  package var summary: String {
    switch self {
    case .column(let name): "column \(name)"
    case .json(let path): "json \(path)"
    case .header(let name): "header \(name)"
    }
  }
}

extension String {
  fileprivate var replacingLineBreaks: String { String(map { $0.isNewline ? " " : $0 }) }
}

extension Distribution {
  /// Plain numbers: `exponential 0.85`.
  var summary: String {
    switch self {
    case .constant(let value): decimal(value, places: 6)
    case .uniform(let low, let high): "uniform \(decimal(low, places: 6)) to \(decimal(high, places: 6))"
    case .exponential(let mean): "exponential \(decimal(mean, places: 6))"
    }
  }
}

extension ParameterValues {
  fileprivate var summary: String {
    switch self {
    case .captured(let name): "of \(name)"
    case .text(let text): "'\(text)'"
    case .integers(let low, let high): "\(low) to \(high)"
    case .number(let distribution): distribution.summary
    }
  }
}

/// The load of an experiment: who asks, how often, and for what.
package struct LoadSpec: Hashable, Sendable {
  package var shape: LoadShape
  /// Pause of a user between the end of one request and the next one. Not used by `arrivalRate`. Values in seconds.
  package var thinkTime: Distribution
  /// At least one; chosen by weight for each request.
  package var transactions: [Transaction]
  /// `statement_timeout` of the load's sessions; nil leaves the server's.
  package var statementTimeout: Duration?

  package init(
    shape: LoadShape, thinkTime: Distribution = .constant(0), transactions: [Transaction],
    statementTimeout: Duration? = nil
  ) {
    self.shape = shape
    self.thinkTime = thinkTime
    self.transactions = transactions
    self.statementTimeout = statementTimeout
  }
}

/// How requests come. Each block first runs `warmUp`, whose figures are kept apart, then `duration`.
package enum LoadShape: Hashable, Sendable {
  /// Closed loop: `users` users, each waiting for its answer and thinking before the next request.
  case constant(users: Int, warmUp: Duration, duration: Duration)
  /// Open loop: requests fall due at `rate` per second whether or not earlier ones are answered.
  case arrivalRate(rate: Double, spacing: ArrivalSpacing, warmUp: Duration, duration: Duration)

  package var warmUp: Duration {
    switch self {
    case .constant(_, let warmUp, _), .arrivalRate(_, _, let warmUp, _): warmUp
    }
  }
  package var duration: Duration {
    switch self {
    case .constant(_, _, let duration), .arrivalRate(_, _, _, let duration): duration
    }
  }
  package var users: Int? {
    if case .constant(let users, _, _) = self { users } else { nil }
  }
}

/// Gaps between arrivals of the open loop.
package enum ArrivalSpacing: String, CaseIterable, Hashable, Sendable {
  /// Exponential gaps: independent clients.
  case poisson
  /// Equal gaps: a metronome.
  case even
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

/// One kind of request: a single SQL statement, run as a transaction of its own.
package struct Transaction: Hashable, Sendable {
  package var name: String
  /// Share among the transactions, relative; at least 1.
  package var weight: Int
  /// As the file has it, with `:name` placeholders.
  package var sql: String
  /// In the order of `$1, $2 ...`.
  package var parameters: [Parameter]

  package init(name: String, weight: Int = 1, sql: String, parameters: [Parameter] = []) {
    self.name = name
    self.weight = weight
    self.sql = sql
    self.parameters = parameters
  }

  /// The statement as PostgreSQL takes it: `:aid` becomes `$1`, outside quotes, comments and `::` casts.
  package var preparedSQL: String { PlaceholderSQL(sql).replacing(parameters.map(\.name)) }
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
  case text(String)
  /// Whole numbers, evenly, both ends included.
  case integers(low: Int64, high: Int64)
  /// Sent as a decimal number; exponential durations are sent in seconds.
  case number(Distribution)
}

extension LoadSpec {
  /// The load as one line, equal for equal loads: two runs are comparable only under the same one.
  package var summary: String {
    let mix = transactions.map { transaction in
      let parameters = transaction.parameters.map { "\($0.name) \($0.values.summary)" }.joined(separator: ", ")
      return "\(transaction.weight) x \(transaction.sql)" + (parameters.isEmpty ? "" : " with \(parameters)")
    }
    return "\(shape.summary(thinkTime: thinkTime)): " + mix.joined(separator: "; ")
  }
}

extension LoadShape {
  fileprivate func summary(thinkTime: Distribution) -> String {
    switch self {
    case .constant(let users, let warmUp, let duration):
      "\(users) users, think time \(thinkTime.summary), blocks of \(duration.text) after \(warmUp.text)"
    case .arrivalRate(let rate, let spacing, let warmUp, let duration):
      "\(decimal(rate, places: 3))/s \(spacing.rawValue), blocks of \(duration.text) after \(warmUp.text)"
    }
  }
}

extension Distribution {
  /// Plain numbers: `exponential 0.85`.
  fileprivate var summary: String {
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
    case .text(let text): "'\(text)'"
    case .integers(let low, let high): "\(low) to \(high)"
    case .number(let distribution): distribution.summary
    }
  }
}

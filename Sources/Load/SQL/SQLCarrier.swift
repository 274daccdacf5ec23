internal import Model
internal import Postgres
internal import Statistics

/// Statements over PostgreSQL's protocol.
struct SQLCarrier: RequestCarrier, ~Copyable {
  private var connections: ConnectionTable<LoadConnection>
  private var statements: LoadStatements
  private var draws: ParameterDraws
  private var captures: FlowCaptures

  init(_ load: LoadSpec, connections count: Int) {
    connections = ConnectionTable(count: count)
    statements = LoadStatements(load.transactions.map { ($0.preparedSQL ?? "", $0.parameters.count) })
    draws = ParameterDraws(load.transactions, captures: load.captureNames, settingTextsIn: &statements)
    captures = FlowCaptures(load, connections: count)
  }

  mutating func adopt(_ attempt: SQLAttempt, _ slot: Int) -> Int32? {
    guard let connection = attempt.take() else { return nil }
    let descriptor = connection.descriptor
    connections.put(connection, slot)
    return descriptor
  }

  mutating func descriptor(_ slot: Int) -> Int32 { connections.contains(slot) ? connections[slot].descriptor : -1 }

  mutating func isBusy(_ slot: Int) -> Bool { connections.contains(slot) && connections[slot].isBusy }

  /// PostgreSQL answers a statement as a whole, as far as a load can tell.
  mutating func hasBegun(_ slot: Int) -> Bool { false }

  @inline(__always)
  mutating func send(_ transaction: Int, visit: Int, _ slot: Int, _ random: inout RandomSource) -> SendOutcome {
    _ = draws.fill(transaction, of: &statements, visit: visit, captures.values, &random)
    captures.note(transaction, visit: visit, slot)
    return SendOutcome(connections[slot].send(transaction, of: statements))
  }

  mutating func flush(_ slot: Int) -> SendOutcome { SendOutcome(connections[slot].flush()) }

  @inline(__always)
  mutating func receive(_ slot: Int) -> Reply {
    let reply = Reply(connections[slot].receive())
    guard captures.isUsed, case .done = reply else { return reply }
    return captures.keep(connections[slot].takeCaptured(), slot) ? .done : .failed
  }

  @inline(__always)
  mutating func isReusable(_ slot: Int) -> Bool { true }

  mutating func takeError(_ slot: Int) -> ErrorClass {
    if captures.takeMissing(slot) { return .valueMissing }
    return connections[slot].takeFault().whileRunning
  }

  mutating func cancel(_ slot: Int) { connections[slot].cancel() }

  mutating func close(_ slot: Int) { connections.remove(slot) }
}

/// A connection to PostgreSQL that is being opened by libpq.
final class SQLAttempt: ConnectionAttempt {
  private let attempt: LoadConnectionAttempt

  init(_ server: ConnectionInfo, _ session: LoadSession) { attempt = LoadConnectionAttempt(server, session) }

  var descriptor: Int32 { attempt.descriptor }
  var beginning: AttemptProgress { AttemptProgress(attempt.beginning) }
  func advance() -> AttemptProgress { AttemptProgress(attempt.advance()) }
  /// The connection, once it is established; nil the second time.
  func take() -> LoadConnection? { attempt.take() }
}

extension AttemptProgress {
  fileprivate init(_ progress: LoadConnectionAttempt.Progress) {
    switch progress {
    case .reading: self = .reading
    case .writing: self = .writing
    case .established: self = .established
    case .failed(let fault): self = .failed(ConnectFault(error: fault.whileConnecting, message: fault.message))
    }
  }
}

extension SendOutcome {
  @inline(__always)
  fileprivate init(_ outcome: LoadConnection.SendOutcome) {
    switch outcome {
    case .sent: self = .sent
    case .blocked: self = .blocked
    case .lost: self = .lost
    }
  }
}

extension Reply {
  @inline(__always)
  fileprivate init(_ reply: LoadConnection.Reply) {
    switch reply {
    case .pending: self = .pending
    case .again: self = .again
    case .done: self = .done
    case .failed: self = .failed
    case .lost: self = .lost
    }
  }
}

extension LoadSpec {
  /// Columns of the first row that each statement's answer must give; empty where no statement captures.
  var capturedColumns: [[String]] {
    guard transactions.contains(where: { !$0.captures.isEmpty }) else { return [] }
    return transactions.map { transaction in
      transaction.captures.map { capture in if case .column(let name) = capture.source { name } else { capture.name } }
    }
  }
}

extension LoadStatements: ParameterSink {
  mutating func put(_ transaction: Int, _ parameter: Int, _ text: String) -> Bool {
    set(transaction, parameter, text: text)
    return true
  }
}

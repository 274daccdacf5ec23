internal import CPostgres

/// A connection of the load: libpq without blocking, statements prepared at their first use.
///
/// `send`, then `receive` whenever the descriptor is readable until the reply is not `pending`. One owner at a time.
package struct LoadConnection: ~Copyable, @unchecked Sendable {
  package enum SendOutcome: Sendable {
    case sent
    /// The socket is full: call `flush` when it is writable.
    case blocked
    /// The connection is lost; `takeFault` says why.
    case lost
  }

  package enum Reply: Sendable {
    /// Not all of it is there yet; or nothing was asked, and the server said nothing of weight.
    case pending
    /// The server has made room for the statement: set its parameters and call `send` again.
    case again
    case done
    /// `takeFault` says why; the connection is fit for the next statement.
    case failed
    /// `takeFault` says why; the connection is of no more use.
    case lost
  }

  /// The life of a request on the wire.
  private enum Phase {
    /// Nothing is asked. To any other phase by `send`.
    case idle
    /// The least recently used statement is being given up. To `idle`, with `again`.
    case deallocating
    /// The statement is being prepared. To `idle`, with `again` or `failed`.
    case preparing
    /// The statement runs. To `idle`, with `done` or `failed`.
    case executing
  }

  private let handle: OpaquePointer
  private var phase = Phase.idle
  private var statement = 0
  private var prepared: PreparedStatements
  private var fault: LoadFault?

  /// Takes over `handle`, which is connected.
  init(handle: OpaquePointer, session: LoadSession) {
    self.handle = handle
    prepared = PreparedStatements(capacity: session.statementCache, statements: session.statements)
    PQsetnonblocking(handle, 1)
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
  }

  deinit { PQfinish(handle) }

  package var descriptor: Int32 { PQsocket(handle) }

  /// Whether a statement is under way.
  package var isBusy: Bool { phase != .idle }

  /// Sends `statement` with the parameters that are set in `statements`, or prepares it first.
  package mutating func send(_ statement: Int, of statements: borrowing LoadStatements) -> SendOutcome {
    self.statement = statement
    let entry = statements.entries[statement]
    if prepared.capacity == 0 { return unnamed(entry) }
    if prepared.use(statement) {
      phase = .executing
      return outcome(PQsendQueryPrepared(handle, entry.name, entry.parameters, entry.values, nil, nil, 0))
    }
    if prepared.isFull {
      phase = .deallocating
      return outcome(PQsendQuery(handle, statements.entries[prepared.removeOldest()].deallocate))
    }
    phase = .preparing
    return outcome(PQsendPrepare(handle, entry.name, entry.sql, 0, nil))
  }

  private mutating func unnamed(_ entry: LoadStatements.Entry) -> SendOutcome {
    phase = .executing
    return outcome(PQsendQueryParams(handle, entry.sql, entry.parameters, nil, entry.values, nil, nil, 0))
  }

  private mutating func outcome(_ accepted: Int32) -> SendOutcome {
    guard accepted == 1 else { return noteLoss() }
    return flush()
  }

  /// Sends what is left; call it when the socket is writable.
  package mutating func flush() -> SendOutcome {
    switch PQflush(handle) {
    case 0: return .sent
    case 1: return .blocked
    default: return noteLoss()
    }
  }

  /// Reads what has come; call it when the socket is readable.
  package mutating func receive() -> Reply {
    guard PQconsumeInput(handle) == 1 else { return loss() }
    while PQisBusy(handle) == 0 {
      guard let result = PQgetResult(handle) else { return phase == .idle ? .pending : stepEnd() }
      let status = PQresultStatus(result)
      if status != PGRES_TUPLES_OK, status != PGRES_COMMAND_OK, note(result, status) { return loss() }
      PQclear(result)
    }
    return .pending
  }

  /// Keeps the first error; returns whether it is the end of the connection, and then has cleared the result.
  private mutating func note(_ result: OpaquePointer, _ status: ExecStatusType) -> Bool {
    if fault == nil { fault = Self.fault(result, status) }
    guard fault?.code == .gone else { return false }
    PQclear(result)
    return true
  }

  private static func fault(_ result: OpaquePointer, _ status: ExecStatusType) -> LoadFault {
    switch status {
    // Nothing of the protocol of COPY is spoken here, so the connection could not go on.
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      LoadFault(code: .gone, message: "COPY cannot be part of a load")
    case PGRES_EMPTY_QUERY: LoadFault(code: .sqlState("42601"), message: "the statement is empty")
    default: LoadFault(result: result)
    }
  }

  private mutating func stepEnd() -> Reply {
    let ended = phase
    phase = .idle
    if fault != nil { return PQstatus(handle) == CONNECTION_OK ? .failed : .lost }
    switch ended {
    case .executing: return .done
    case .preparing: prepared.add(statement)
    case .deallocating, .idle: break
    }
    return .again
  }

  private mutating func loss() -> Reply {
    _ = noteLoss()
    return .lost
  }

  private mutating func noteLoss() -> SendOutcome {
    phase = .idle
    if fault?.code != .gone {
      let message = fault?.message ?? String(cString: PQerrorMessage(handle))
      fault = LoadFault(code: .gone, message: message.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
    }
    return .lost
  }

  /// Why the last reply was `failed` or `lost`; forgets it.
  package mutating func takeFault() -> LoadFault {
    defer { fault = nil }
    return fault ?? LoadFault(code: .unknown, message: "")
  }

  /// Asks the server to give up the statement that runs. Opens a connection for it and waits for that.
  package borrowing func cancel() {
    guard let request = PQgetCancel(handle) else { return }
    defer { PQfreeCancel(request) }
    var message = [CChar](repeating: 0, count: 256)
    PQcancel(request, &message, Int32(message.count))
  }
}

internal import CPostgres

/// A connection of the load: without blocking, statements prepared at their first use.
///
/// libpq opens it. Where the connection is encrypted, libpq also carries the requests; else poolops speaks the protocol itself
/// (`WireChannel`), which costs a quarter of the instructions. Both give the same answers.
/// `send`, then `receive` whenever the descriptor is readable until the reply is not `pending`. One owner at a time.
///
/// Unchecked, because its handle is a C pointer: not copyable, it has one owner, which hands it from the connecting
/// thread to the loop's and keeps nothing.
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
  /// Whether poolops itself speaks the protocol: then libpq neither reads nor writes, and else nobody uses `wire`.
  package let isWire: Bool
  private var wire: WireChannel
  private var phase = Phase.idle
  private var statement = 0
  private var prepared: PreparedStatements
  private var fault: LoadFault?
  /// Of each statement; empty where nothing is kept.
  private let captures: [[String]]
  private var captured: [[UInt8]?] = []

  /// Takes over `handle`, which is connected.
  init(handle: OpaquePointer, session: LoadSession) {
    self.handle = handle
    prepared = PreparedStatements(capacity: session.statementCache, statements: session.statements)
    PQsetnonblocking(handle, 1)
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    // Bytes that libpq may have read beyond the start-up are lost with it. The server sends nothing there but asides, whole.
    let isPlain = PQsslInUse(handle) == 0 && PQgssEncInUse(handle) == 0 && PQprotocolVersion(handle) == 3
    let isWire = isPlain && !session.usesLibpq && session.captures.isEmpty
    self.isWire = isWire
    wire = WireChannel(descriptor: isWire ? PQsocket(handle) : -1)
    // Last, and not read before: with a field that has references read while `wire` is not there yet, the optimiser (6.3.1)
    // destroys what lies in the place of `wire`.
    captures = session.captures
  }

  deinit {
    if isWire { wire.hangUpMidway() }
    PQfinish(handle)
  }

  package var descriptor: Int32 { PQsocket(handle) }

  /// Whether a statement is under way.
  package var isBusy: Bool { phase != .idle }

  /// Sends `statement` with the parameters that are set in `statements`, or prepares it first.
  @inline(__always)
  package mutating func send(_ statement: Int, of statements: borrowing LoadStatements) -> SendOutcome {
    self.statement = statement
    if prepared.capacity == 0 {
      phase = .executing
      return ask(.parseAndExecute, statements.entries + statement)
    }
    if prepared.use(statement) {
      phase = .executing
      return ask(.execute, statements.entries + statement)
    }
    return prepare(statement, statements)
  }

  private mutating func prepare(_ statement: Int, _ statements: borrowing LoadStatements) -> SendOutcome {
    if prepared.isFull {
      phase = .deallocating
      return ask(.deallocate, statements.entries + prepared.removeOldest())
    }
    phase = .preparing
    return ask(.prepare, statements.entries + statement)
  }

  private enum Request {
    case deallocate
    case prepare
    case execute
    case parseAndExecute
  }

  @inline(__always)
  private mutating func ask(
    _ request: Request, _ entry: UnsafeMutablePointer<LoadStatements.Entry>
  ) -> SendOutcome {
    let awaited: WireExchange.Awaited
    let bytes: UnsafeRawBufferPointer
    guard isWire else { return outcome(askLibpq(request, entry.pointee)) }
    switch request {
    case .execute: (bytes, awaited) = (entry.pointee.encodeExecute(), .bind)
    case .parseAndExecute: (bytes, awaited) = (entry.pointee.encodeParseAndExecute(), .parseAndBind)
    case .prepare: (bytes, awaited) = (entry.pointee.prepareMessage.bytes, .parse)
    case .deallocate: (bytes, awaited) = (entry.pointee.closeMessage.bytes, .close)
    }
    let outcome = wire.send(bytes, awaited)
    if case .lost = outcome { noteWireLoss() }
    return outcome
  }

  private func askLibpq(_ request: Request, _ entry: LoadStatements.Entry) -> Int32 {
    switch request {
    case .execute: PQsendQueryPrepared(handle, entry.name, entry.parameters, entry.values, nil, nil, 0)
    case .parseAndExecute: PQsendQueryParams(handle, entry.sql, entry.parameters, nil, entry.values, nil, nil, 0)
    case .prepare: PQsendPrepare(handle, entry.name, entry.sql, 0, nil)
    case .deallocate: PQsendQuery(handle, entry.deallocate)
    }
  }

  private mutating func outcome(_ accepted: Int32) -> SendOutcome {
    guard accepted == 1 else { return noteLoss() }
    return flush()
  }

  /// Sends what is left; call it when the socket is writable.
  package mutating func flush() -> SendOutcome {
    if isWire {
      let outcome = wire.flush()
      if case .lost = outcome { noteWireLoss() }
      return outcome
    }
    switch PQflush(handle) {
    case 0: return .sent
    case 1: return .blocked
    default: return noteLoss()
    }
  }

  /// Reads what has come; call it when the socket is readable.
  @inline(__always)
  package mutating func receive() -> Reply {
    guard isWire else { return receiveFromLibpq() }
    switch wire.receive() {
    case .pending: return .pending
    case .over:
      if wire.isFaultless, phase == .executing {
        phase = .idle
        return .done
      }
      fault = wire.takeFault()
      return stepEnd()
    case .lost:
      noteWireLoss()
      return .lost
    }
  }

  @inline(never)
  private mutating func noteWireLoss() {
    phase = .idle
    fault = wire.takeFault()
  }

  @inline(never)
  private mutating func receiveFromLibpq() -> Reply {
    guard PQconsumeInput(handle) == 1 else { return loss() }
    while PQisBusy(handle) == 0 {
      guard let result = PQgetResult(handle) else { return phase == .idle ? .pending : stepEnd() }
      let status = PQresultStatus(result)
      if status != PGRES_TUPLES_OK, status != PGRES_COMMAND_OK, note(result, status) { return loss() }
      if !captures.isEmpty, phase == .executing { capture(result) }
      PQclear(result)
    }
    return .pending
  }

  private mutating func capture(_ result: OpaquePointer) {
    captured = captures[statement].map { column in
      let index = PQfnumber(result, quotedIdentifier(column))
      guard index >= 0, PQntuples(result) > 0, PQgetisnull(result, 0, index) == 0,
        let value = PQgetvalue(result, 0, index)
      else { return nil }
      let count = Int(PQgetlength(result, 0, index))
      return value.withMemoryRebound(to: UInt8.self, capacity: count) {
        Array(UnsafeBufferPointer(start: $0, count: count))
      }
    }
  }

  /// What the last statement gave for the columns that are kept of it, in their order; nil where there is no row, no such
  /// column, or a null. Forgets it.
  package mutating func takeCaptured() -> [[UInt8]?] {
    defer { captured = [] }
    return captured
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
    case PGRES_EMPTY_QUERY: .emptyStatement
    default: LoadFault(result: result)
    }
  }

  @inline(never)
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

/// libpq folds the case of a name that is not quoted.
private func quotedIdentifier(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

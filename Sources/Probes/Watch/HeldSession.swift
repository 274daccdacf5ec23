import EventLoop
import Monitor
import Postgres

/// One session that is kept open and asked again and again. One that broke is opened anew, after a pause that grows: a server in
/// trouble is not helped by somebody who knocks each second.
struct HeldSession {
  /// Asked before each attempt: a server that is started anew may have another address.
  private let info: @Sendable () -> ConnectionInfo?
  private let application: String
  private var session: Session?
  private var fault: SourceFault?
  private var failures = 0
  private var nextAttempt = Int64.min

  /// Longest wait for a session, and for one answer.
  static let patience = Duration.seconds(2)
  /// From one attempt to the next, after so many that failed in a row.
  private static let pauses: [Duration] = [.zero, .seconds(1), .seconds(2), .seconds(5)]

  init(_ info: @escaping @Sendable () -> ConnectionInfo?, application: String) {
    self.info = info
    self.application = application
  }

  /// Asks within the session that is there, or a new one.
  /// - Parameter isNew: whether this is the first question of the session.
  mutating func ask<Answer>(
    _ question: (_ session: Session, _ isNew: Bool) throws(PostgresError) -> Answer
  ) throws(SourceFault) -> Answer {
    let isNew = session?.isOpen != true
    let session = try open()
    do throws(PostgresError) {
      let answer = try question(session, isNew)
      failures = 0
      return answer
    } catch {
      // What the server refused it will refuse of a new session too, so only a broken one is replaced.
      if isNew { session.close() }
      if !session.isOpen { drop() }
      throw remembered(error)
    }
  }

  private mutating func open() throws(SourceFault) -> Session {
    if let session, session.isOpen { return session }
    if MonotonicClock.now < nextAttempt, let fault { throw fault }
    guard let info = info() else {
      fault = nil
      throw SourceFault("it is not running")
    }
    do throws(PostgresError) {
      let opened = try Session(
        info, applicationName: application, connectTimeout: Self.patience, statementTimeout: Self.patience)
      session = opened
      return opened
    } catch {
      drop()
      throw remembered(error)
    }
  }

  private mutating func drop() {
    session = nil
    failures += 1
    let pause = Self.pauses[min(failures, Self.pauses.count) - 1]
    nextAttempt = MonotonicClock.now + pause.components.seconds * 1_000_000_000
  }

  private mutating func remembered(_ error: PostgresError) -> SourceFault {
    let found = SourceFault(error)
    fault = found
    return found
  }
}

extension SourceFault {
  fileprivate init(_ error: PostgresError) {
    var text = error.description
    if text.last == "." { text.removeLast() }
    switch error.code {
    case .connect(.tooManyConnections): self.init("no connection slot is left: \(text)", isFull: true)
    default: self.init(text)
    }
  }
}

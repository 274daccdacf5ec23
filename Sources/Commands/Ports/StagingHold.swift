import Glibc
import Model
import Postgres
import Staging

/// What an execution holds of its staging, from the preflight to its end: the locks, and the session that one of them needs.
final class StagingHold {
  private let lock: StagingLock
  private let connect: () throws(Failure) -> Session
  private(set) var session: Session

  /// Takes the lock of the database.
  /// - Parameters:
  ///   - lock: of the folder, held already.
  ///   - connect: makes a session with the database, once it has said that it is staging.
  init(_ lock: StagingLock, connect: @escaping () throws(Failure) -> Session) throws(Failure) {
    self.lock = lock
    self.connect = connect
    let session = try connect()
    self.session = session
    try attempt { () throws(StagingError) in try lock.hold(session) }
  }

  /// - Parameter root: of the project.
  func hold(_ targets: [any ChangeTarget], root: String) throws(Failure) {
    try attempt { () throws(StagingError) in try lock.hold(targets, root: root) }
  }

  /// A restart of the server ends the session and with it the lock; both are taken again, if nobody else has been quicker.
  func renew() throws(Failure) {
    if (try? session.query("SELECT 1")) != nil { return }
    session.close()
    let end = ContinuousClock.now + Self.patience
    while true {
      do throws(Failure) {
        session = try connect()
        break
      } catch {
        guard ContinuousClock.now < end, error.status == .unreachable else { throw error }
        usleep(100_000)
      }
    }
    try attempt { [session] () throws(StagingError) in try lock.hold(session) }
  }

  /// For a server that starts again.
  private static let patience = Duration.seconds(20)

  func release() { session.close() }
}

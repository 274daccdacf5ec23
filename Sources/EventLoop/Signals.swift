internal import CPlatform
internal import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP, counted instead of obeyed, so that a driver can roll back before it leaves.
///
/// The second one ends the process at once, with 128 and the signal's number.
/// Blocking calls return with EINTR when one arrives. A program that is started from here gets the default actions back.
package enum Signals {
  private static let count = Atomic<Int>(0)
  private static let latest = Atomic<Int32>(0)

  /// Starts counting, and ignores SIGPIPE and SIGXFSZ: a write to a closed pipe or socket, or beyond the limit on the size
  /// of files, is then an ordinary error.
  package static func install() {
    // Both are made now: a handler must not be the first to touch a lazily made global.
    _ = pending
    _ = last
    for number in [SIGINT, SIGTERM, SIGHUP] { setHandler(number, notice) }
    for number in [SIGPIPE, SIGXFSZ] { setHandler(number, SIG_IGN) }
  }

  /// Lets a blocking call of the main thread return with EINTR when the terminal has got another size.
  package static func noticeResize() { setHandler(SIGWINCH) { _ in } }

  /// How many have arrived since the program began.
  package static var pending: Int { count.load(ordering: .acquiring) }

  /// The number of the last one that arrived: 2 SIGINT, 15 SIGTERM, 1 SIGHUP; nil when none has.
  package static var last: Int32? {
    let number = latest.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  private static func setHandler(_ number: Int32, _ handler: (@convention(c) (Int32) -> Void)?) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    sigemptyset(&action.sa_mask)
    sigaction(number, &action, nil)
  }

  private static let notice: @convention(c) (Int32) -> Void = { number in
    latest.store(number, ordering: .releasing)
    let (earlier, _) = count.add(1, ordering: .acquiringAndReleasing)
    // Somebody who asks twice does not want to wait. What is owed stands in the journal.
    if earlier > 0 { _exit(128 + number) }
  }
}

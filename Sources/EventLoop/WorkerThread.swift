internal import CPlatform
internal import Glibc
import Synchronization

/// What a worker thread does. An object with a named method, not a closure: a closure made in a main-actor context
/// carries that isolation along and dies on another thread.
package protocol ThreadBody: AnyObject, Sendable {
  /// At most 15 bytes; as `top -H` shows it.
  var threadName: String { get }
  func run()
}

/// A POSIX thread that runs one body and can be joined.
package final class WorkerThread: Sendable {
  private let handle: Mutex<pthread_t?>

  package init(_ body: some ThreadBody) throws(SystemError) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Entry(body))
    let code = pthread_create(&thread, nil, enterWorkerThread, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw SystemError(call: "pthread_create", code: code)
    }
    handle = Mutex(thread)
  }

  /// Waits until the body has returned. A second call returns at once.
  package func join() {
    let thread = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    if let thread { pthread_join(thread, nil) }
  }
}

private final class Entry: Sendable {
  let body: any ThreadBody
  init(_ body: any ThreadBody) { self.body = body }
}

private nonisolated func enterWorkerThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let body = Unmanaged<Entry>.fromOpaque(argument).takeRetainedValue().body
  _ = poolops_set_thread_name(body.threadName)
  body.run()
  return nil
}

/// How late the kernel may wake the calling thread. 1 ns is as exact as it gets; the default is 50 us.
package func setTimerSlack(nanoseconds: UInt) {
  _ = poolops_set_timer_slack(nanoseconds)
}

/// Raises the soft limit of open descriptors to `wanted` where the hard limit allows; returns what is in force.
@discardableResult
package func raiseDescriptorLimit(to wanted: Int) -> Int {
  var limit = rlimit()
  guard getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
  if limit.rlim_cur < UInt(wanted) {
    limit.rlim_cur = min(UInt(wanted), limit.rlim_max)
    _ = setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
    _ = getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
  }
  return Int(clamping: limit.rlim_cur)
}

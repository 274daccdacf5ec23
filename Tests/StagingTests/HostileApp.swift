import EventLoop
import Glibc
import Synchronization
import TestSupport

/// A server of raw bytes on a port of 127.0.0.1, which behaves as it is told: for everybody that connects from then on.
final class HostileApp: Sendable {
  enum Manner: Sendable {
    case answer(String)
    /// The answer byte by byte, with so many seconds between two.
    case drip(String, Double)
    /// A head, and then a body without end.
    case endless(String)
    /// Takes the connection and says nothing.
    case silent
    /// Closes at once, with a reset.
    case reset
    /// Nobody listens.
    case away
  }

  private struct State {
    var manner: Manner
    var listener: Int32 = -1
    var isOver = false
    var connections: Set<Int32> = []
    var accepted = 0
  }

  let port: UInt16
  private let state: Mutex<State>

  init(_ manner: Manner) throws {
    let listener = try Self.listen(on: 0)
    port = Loopback.port(of: listener)
    state = Mutex(State(manner: manner, listener: listener))
    _ = try WorkerThread(Doorman(self))
    if case .away = manner { try become(manner) }
  }

  var url: String { "http://127.0.0.1:\(port)/pool" }
  var accepted: Int { state.withLock(\.accepted) }

  func become(_ manner: Manner) throws {
    try state.withLock { state in
      state.manner = manner
      if case .away = manner {
        if state.listener >= 0 { close(state.listener) }
        state.listener = -1
      } else if state.listener < 0 {
        state.listener = try Self.listen(on: port)
      }
    }
  }

  func end() {
    state.withLock { state in
      state.isOver = true
      if state.listener >= 0 { close(state.listener) }
      state.listener = -1
      for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  private static func listen(on port: UInt16) throws -> Int32 {
    try Loopback.listener(on: port, flags: Int32(SOCK_NONBLOCK.rawValue))
  }

  /// Takes connections until the end.
  private final class Doorman: ThreadBody {
    let threadName = "hostile-app"
    let app: HostileApp
    init(_ app: HostileApp) { self.app = app }

    func run() {
      while true {
        let (listener, isOver) = app.state.withLock { ($0.listener, $0.isOver) }
        if isOver { return }
        let connection = listener < 0 ? -1 : accept(listener, nil, nil)
        guard connection >= 0 else {
          usleep(5000)
          continue
        }
        let manner = app.state.withLock { state in
          state.accepted += 1
          state.connections.insert(connection)
          return state.manner
        }
        if (try? WorkerThread(Waiter(app, connection, manner))) == nil { close(connection) }
      }
    }
  }

  /// Serves one connection.
  private final class Waiter: ThreadBody {
    let threadName = "hostile-waiter"
    let app: HostileApp
    let connection: Int32
    let manner: Manner

    init(_ app: HostileApp, _ connection: Int32, _ manner: Manner) {
      self.app = app
      self.connection = connection
      self.manner = manner
    }

    func run() {
      defer {
        _ = app.state.withLock { $0.connections.remove(connection) }
        close(connection)
      }
      if case .reset = manner {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        return
      }
      var request = [UInt8](repeating: 0, count: 4096)
      guard recv(connection, &request, request.count, 0) > 0 else { return }
      switch manner {
      case .answer(let text): _ = send(Array(text.utf8))
      case .drip(let text, let pause):
        for byte in text.utf8 {
          guard send([byte]) else { return }
          usleep(UInt32(pause * 1e6))
        }
      case .endless(let head):
        guard send(Array(head.utf8)) else { return }
        let noise = [UInt8](repeating: 0x20, count: 65_536)
        while send(noise) {}
      case .silent: while recv(connection, &request, request.count, 0) > 0 {}
      case .reset, .away: break
      }
    }

    private func send(_ bytes: [UInt8]) -> Bool {
      var at = 0
      while at < bytes.count {
        let count = bytes.withUnsafeBytes {
          Glibc.send(connection, $0.baseAddress.map { $0 + at }, bytes.count - at, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        at += count
      }
      return true
    }
  }
}

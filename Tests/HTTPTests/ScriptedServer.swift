import Glibc
import Synchronization
import TestSupport

/// What a scripted server does to each connection, one step after the other.
enum Step: Hashable, Sendable {
  /// Reads until a request with its body is there.
  case read
  case say(String)
  case sayBytes([UInt8])
  /// One byte every millisecond.
  case drip(String)
  /// Says this until the client hangs up.
  case sayForever(String)
  case pause(milliseconds: UInt32)
  /// Sends no more, and reads on.
  case halfClose
  /// Ends the connection with RST.
  case reset
  /// Waits until the client hangs up.
  case wait
}

/// A server on 127.0.0.1 that follows a script, and does not care for HTTP. Ends with its last reference.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let open = Mutex<Set<Int32>>([])
  private let isOver = Atomic(false)
  private let heard = Mutex<[[UInt8]]>([])
  private let accepted = Atomic(0)
  /// The script of the first connection, of the second one ...; the last one is that of all others.
  private let scripts: [[Step]]

  /// - Parameter receiveRoom: how much the kernel keeps of what was not read, bytes; nil: as much as it likes, which may be 32 MB.
  init(_ scripts: [Step]..., receiveRoom: Int32? = nil) throws {
    self.scripts = scripts
    listener = try Loopback.listener()
    if var room = receiveRoom {
      setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    }
    port = Loopback.port(of: listener)
    startThread { [listener, weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0, let server = self, !server.isOver.load(ordering: .acquiring) else {
          close(connection)
          return
        }
        server.begin(connection)
      }
    }
  }

  deinit {
    isOver.store(true, ordering: .releasing)
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    open.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
  }

  var base: String { "http://127.0.0.1:\(port)" }

  /// What was read, by each step that reads.
  var requests: [[UInt8]] { heard.withLock(\.self) }

  var connections: Int { accepted.load(ordering: .acquiring) }

  private func begin(_ connection: Int32) {
    let number = accepted.add(1, ordering: .acquiringAndReleasing).oldValue
    let script = scripts[min(number, scripts.count - 1)]
    open.withLock { _ = $0.insert(connection) }
    var one: Int32 = 1
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    startThread { [weak self] in
      for step in script where !Self.take(step, connection, hear: { bytes in self?.hear(bytes) }) { break }
      self?.open.withLock { _ = $0.remove(connection) }
      close(connection)
    }
  }

  private func hear(_ bytes: [UInt8]) { heard.withLock { $0.append(bytes) } }

  /// Returns false when the client hung up.
  private static func take(_ step: Step, _ connection: Int32, hear: ([UInt8]) -> Void) -> Bool {
    switch step {
    case .read: return read(connection, hear)
    case .say(let text): return write(connection, Array(text.utf8))
    case .sayBytes(let bytes): return write(connection, bytes)
    case .drip(let text): return text.utf8.allSatisfy { usleep(1000) == 0 && write(connection, [$0]) }
    case .sayForever(let text):
      let bytes = Array(repeatElement(Array(text.utf8), count: 1 + 16_384 / text.utf8.count).joined())
      while write(connection, bytes) {}
      return false
    case .pause(let milliseconds): return usleep(milliseconds * 1000) == 0
    case .halfClose: return shutdown(connection, Int32(SHUT_WR)) == 0
    case .reset:
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
      return false
    case .wait:
      var room = [UInt8](repeating: 0, count: 65_536)
      while recv(connection, &room, room.count, 0) > 0 {}
      return false
    }
  }

  private static func read(_ connection: Int32, _ hear: ([UInt8]) -> Void) -> Bool {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 65_536)
    var whole: Int?
    while bytes.count < whole ?? .max {
      let count = recv(connection, &room, room.count, 0)
      if count <= 0 { return false }
      bytes += room[..<count]
      if whole == nil { whole = length(of: bytes) }
    }
    hear(bytes)
    return true
  }

  /// Of the request that begins so: its head, and a body with the length that it says.
  private static func length(of bytes: [UInt8]) -> Int? {
    let text = String(decoding: bytes.prefix(10_000), as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n")?.upperBound else { return nil }
    let length = text[..<end].lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
    return text[..<end].utf8.count + (length.flatMap { Int($0.dropFirst(16)) } ?? 0)
  }

  private static func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(connection, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private nonisolated func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
  return nil
}

/// Runs `body` on a thread of its own.
private func startThread(_ body: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  guard pthread_create(&thread, nil, enter, Unmanaged.passRetained(Body(body)).toOpaque()) == 0 else { return }
  pthread_detach(thread)
}

import Glibc
import TestSupport

/// A connection to a port of 127.0.0.1 on which a test says what it likes. Gives up after ten seconds.
final class TestConnection {
  let descriptor: Int32
  let isOpen: Bool

  init(port: UInt16) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    isOpen = Loopback.connects(descriptor, to: port)
  }

  deinit { close(descriptor) }

  /// False when the other side has gone.
  @discardableResult
  func say(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// What comes until the other side closes; nil when it does not within ten seconds.
  func readToEnd() -> String? {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &room, room.count, 0)
      if count > 0 { bytes += room[..<count] }
      if count == 0 || (count < 0 && errno == ECONNRESET) { return String(decoding: bytes, as: UTF8.self) }
      if count < 0 { return nil }
    }
  }

  /// What comes until it contains `text`; nil when that does not come.
  func read(until text: String) -> String? {
    var all = ""
    var room = [UInt8](repeating: 0, count: 65_536)
    while !all.contains(text) {
      let count = recv(descriptor, &room, room.count, 0)
      if count <= 0 { return nil }
      all += String(decoding: room[..<count], as: UTF8.self)
    }
    return all
  }

  /// Whether the other side has closed it, as far as it is known now.
  var isClosed: Bool {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
    return count == 0 || (count < 0 && errno != EAGAIN)
  }
}

/// What one request was answered.
struct TestAnswer {
  var status: Int
  var head: String
  var body: String

  init?(_ text: String?) {
    guard let text, let end = text.firstRange(of: "\r\n\r\n"),
      let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    self.status = status
    head = String(text[..<end.lowerBound])
    body = String(text[end.upperBound...])
  }

  /// Asks on a connection of its own.
  init?(_ port: UInt16, _ line: String, _ headers: String...) {
    let connection = TestConnection(port: port)
    let lines = ["\(line) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers
    connection.say(lines.joined(separator: "\r\n") + "\r\n\r\n")
    self.init(connection.readToEnd())
  }

  func header(_ name: String) -> String? {
    let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
    return line.map { String($0.dropFirst(name.count + 2)) }
  }
}

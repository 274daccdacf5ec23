import Glibc
import Testing

@testable import Postgres

/// The server's end of a channel, played by the test.
private struct Peer: ~Copyable {
  var channel: WireChannel
  private let ours: Int32
  private let theirs: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
    (ours, theirs) = (ends[0], ends[1])
    channel = WireChannel(descriptor: ours)
  }

  deinit {
    close(ours)
    close(theirs)
  }

  mutating func ask(_ bytes: [UInt8] = [0]) -> LoadConnection.SendOutcome {
    bytes.withUnsafeBytes { channel.send($0, .bind) }
  }

  func say(_ bytes: [UInt8]) { #expect(write(theirs, bytes, bytes.count) == bytes.count) }

  func hangUp() { shutdown(theirs, Int32(SHUT_RDWR)) }

  /// Reads what was sent, as far as it is there.
  func hear() -> Int {
    var room = [UInt8](repeating: 0, count: 100_000)
    return max(read(theirs, &room, room.count), 0)
  }
}

private func message(_ type: Unicode.Scalar, _ body: [UInt8] = []) -> [UInt8] { WireEncoding.message(type, body) }

private let bound = message("2")
private let ready = message("Z", [UInt8(ascii: "I")])
private let row = message("D", [0, 1, 0xFF, 0xFF, 0xFF, 0xFF])
private let complete = message("C", WireEncoding.text("SELECT 1"))

private func error(_ severity: String, _ state: String, _ text: String) -> [UInt8] {
  message("E", ["V\(severity)", "C\(state)", "M\(text)"].flatMap { WireEncoding.text($0) } + [0])
}

private struct Ending: Sendable {
  var said: [UInt8]
  var reason: String
  var hangsUp = false

  static let all = [
    Ending(
      said: Array("HTTP/1.1 400 Bad Request".utf8),
      reason: "the server sent a message of type 'H' and length 1414811695, which is not of the protocol"),
    Ending(
      said: [7, 0, 0, 0, 4], reason: "the server sent a message of type 7 and length 4, which is not of the protocol"),
    Ending(said: row, reason: "the server sent dataRow, which does not belong to what was asked"),
    Ending(said: bound + ready, reason: "the server sent readyForQuery, which does not belong to what was asked"),
    Ending(said: bound + message("H", [0, 0, 0]), reason: "COPY cannot be part of a load"),
    Ending(said: bound + row, reason: "server closed the connection unexpectedly", hangsUp: true),
    Ending(said: error("FATAL", "57P01", "terminating\nnow"), reason: "terminating"),
    Ending(said: error("ERROR", "22012", "division") + Array(ready.dropLast()), reason: "division", hangsUp: true),
  ]
}

struct WireChannelTests {
  @Test(arguments: Ending.all) fileprivate func `what ends a connection is told`(ending: Ending) {
    var peer = Peer()
    guard case .sent = peer.ask() else { return #expect(Bool(false), "nothing could be sent") }
    peer.say(ending.said)
    if ending.hangsUp { peer.hangUp() }
    var outcome = peer.channel.receive()
    if outcome == .pending { outcome = peer.channel.receive() }
    #expect(outcome == .lost && peer.channel.takeFault() == LoadFault(code: .gone, message: ending.reason))
  }

  @Test func `messages of the next moment that come with an answer are not lost`() {
    var peer = Peer()
    _ = peer.ask()
    peer.say(bound + row + complete + ready + message("S", WireEncoding.text("a") + WireEncoding.text("b")).dropLast(3))
    let first = peer.channel.receive()
    peer.say(message("S", WireEncoding.text("a") + WireEncoding.text("b")).suffix(3) + error("FATAL", "57P01", "bye"))
    peer.hangUp()
    let second = [peer.channel.receive(), peer.channel.receive()]
    #expect(first == .over && second == [.pending, .lost])
    #expect(peer.channel.takeFault() == LoadFault(code: .gone, message: "bye"))
  }

  @Test func `what the socket has no room for is kept and goes out in order`() {
    var peer = Peer()
    var outcome = peer.ask([UInt8](repeating: 1, count: 3_000_000))
    var heard = 0
    var turns = 0
    while case .blocked = outcome {
      turns += 1
      heard += peer.hear()
      outcome = peer.channel.flush()
    }
    var rest = peer.hear()
    while rest > 0 {
      heard += rest
      rest = peer.hear()
    }
    #expect(turns > 1 && heard == 3_000_000)
    peer.say(bound + complete + ready)
    #expect(peer.channel.receive() == .over)
  }

  @Test func `sending to a peer that hung up tells its last words`() {
    var peer = Peer()
    peer.say(error("FATAL", "57P01", "terminating"))
    peer.hangUp()
    guard case .lost = peer.ask() else { return #expect(Bool(false), "the loss was not noticed") }
    #expect(peer.channel.takeFault() == LoadFault(code: .gone, message: "terminating"))
  }
}

internal import Model
internal import Statistics

/// A carrier that connects by itself tells of it when all is done.
extension LoadEngine where Source: ~Copyable, Carrier: ~Copyable {
  mutating func recordConnections() {
    let connections = carrier.takeConnections()
    for time in connections.opened { recorder.connect.record(time.nanoseconds) }
    recorder.opened += connections.opened.count
    recorder.closed += connections.closed
  }

  /// Until it was sent, the request waited for one of the carrier's connections. Returns whether it was.
  @discardableResult
  mutating func settleSending(_ connection: Int32, _ now: Int64) -> Bool {
    let slot = connections[Int(connection)].request
    let request = requests[slot]
    let sending = carrier.sending(Int(connection))
    let sent = sending.sent ?? now
    recorder.slip.record(request.acted &- request.due &+ max(sending.taken &- request.sent, 0))
    recorder.wait.record(sent &- request.acted)
    requests[slot].sent = sent
    return sending.sent != nil
  }
}

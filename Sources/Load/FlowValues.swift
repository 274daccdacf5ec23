/// Values that the steps of a flow carry on, for each visit under way: what one step captured and a later one sends.
///
/// Indexed by the visit's slot (`DueRequest.user`) and by the place of the capture's name in `LoadSpec.captureNames`. A slot is
/// used again by a later visit, whose steps capture anew before they send: a reader of the file sees to that.
struct FlowValues: ~Copyable {
  private let names: Int
  private var values: [[UInt8]] = []

  init(names: Int) { self.names = names }

  mutating func set(visit: Int, _ index: Int, _ bytes: [UInt8]) {
    let place = place(visit, index)
    while values.count <= place { values.append([]) }
    values[place] = bytes
  }

  /// Empty where nothing was captured.
  func value(visit: Int, _ index: Int) -> [UInt8] {
    let place = place(visit, index)
    return place < values.count ? values[place] : []
  }

  private func place(_ visit: Int, _ index: Int) -> Int {
    precondition(visit >= 0 && index >= 0 && index < names, "no such value")
    return visit * names + index
  }
}

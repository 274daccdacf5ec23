import Model

/// Watching a run that another process records.
extension ResultsStore {
  /// A second of a run, and the block that it belongs to.
  package struct NewSecond: Sendable {
    package var block: Block
    package var slice: Slice
  }

  /// The seconds that were recorded after those of the last call, in order; with the histogram of latency alone.
  /// - Parameter last: what the last call left there, or 0.
  package func newSeconds(of run: RunID, after last: inout Int) throws(StoreError) -> [NewSecond] {
    let before = last
    let (found, newest) = try database.snapshot { () throws(StoreError) in
      var found: [NewSecond] = []
      var newest = before
      for block in try blocks(of: run) {
        let new = try numberedSlices(of: block.id, [.latency], after: before)
        found += new.slices.map { NewSecond(block: block, slice: $0) }
        newest = max(newest, new.last)
      }
      return (found, newest)
    }
    last = newest
    return found
  }
}

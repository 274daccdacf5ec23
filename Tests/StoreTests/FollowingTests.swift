import Dispatch
import Model
import Statistics
import Synchronization
import Testing

@testable import Store

/// Reading what another process records at the same time.
@Suite struct FollowingTests {
  let folder = TemporaryFolder()

  private static let seconds = 120

  private static func slice(_ second: Int) -> Slice {
    var slice = Slice(second: second)
    (slice.due, slice.completed, slice.failed) = (9, 8, [.acquireTimeout: 1])
    slice.histograms = [.latency: Histogram([Int64(second + 1)]).encoded(), .wait: Histogram([1]).encoded()]
    return slice
  }

  private static func isWhole(_ slice: Slice) -> Bool {
    slice.failed == [.acquireTimeout: 1] && slice.histograms[.latency] == Self.slice(slice.second).histograms[.latency]
  }

  private func begin() throws -> (run: RunID, block: Int) {
    try withStore(folder.database) { store throws in
      let execution = try store.beginExecution(experiment: "soak", text: "", digest: "", seed: 1, at: moment(0))
      let run = try store.beginRun(
        execution, arm: .baseline, wanted: PoolSettings(), environment: [:], at: moment(0))
      return (run, try store.beginBlock(run: run, pair: 0, position: 0, at: moment(0)))
    }
  }

  /// A program of its own, as far as SQLite can tell. It has a thread of its own: those that run tests may all be taken, one by its reader,
  /// who would look for as long as others have them.
  private final class Recording: Sendable {
    private let work = DispatchGroup()
    private let fault = Mutex<(any Error)?>(nil)

    init(at path: String, _ block: Int) {
      DispatchQueue.global().async(group: work) {
        do {
          let writer = try ResultsStore.open(path: path, mode: .readWrite)
          defer { writer.close() }
          for second in 0..<seconds { try writer.append(slices: [slice(second)], samples: [], toBlock: block) }
        } catch {
          self.fault.withLock { $0 = error }
        }
      }
    }

    func end() throws {
      work.wait()
      if let fault = fault.withLock(\.self) { throw fault }
    }
  }

  @Test func `a reader sees each second once and whole, at whatever moment it looks`() throws {
    let (run, block) = try begin()
    let recording = Recording(at: folder.database, block)
    let reader = try ResultsStore.open(path: folder.database, mode: .readOnly)
    var (last, torn) = (0, 0)
    var found: [Int] = []
    let deadline = ContinuousClock.now + .seconds(300)
    while found.count < Self.seconds, ContinuousClock.now < deadline {
      let new = try reader.newSeconds(of: run, after: &last)
      found += new.map(\.slice.second)
      torn += new.count { !Self.isWhole($0.slice) }
      // The whole run too, now and then: it is more to read each time.
      guard found.count % 10 == 0 else { continue }
      let recorded = try #require(try reader.recordedRun(run)).blocks[0].slices
      torn += recorded.count { !Self.isWhole($0) } + (recorded.count < found.count ? 1 : 0)
    }
    reader.close()
    try recording.end()
    #expect(found == Array(0..<Self.seconds) && torn == 0, "\(found.count) seconds, \(torn) torn")
  }
}

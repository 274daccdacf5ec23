import Evidence
import EventLoop
import Model
import Store
import Synchronization

/// Reads one side of a comparison on a thread of its own, with its own handle, while the caller reads the other.
final class SideReader: ThreadBody {
  let threadName = "poolops-read"
  private let path: String
  private let ids: [RunID]
  private let result = Mutex<Result<[MeasuredRun], Failure>?>(nil)

  init(path: String, ids: [RunID]) {
    self.path = path
    self.ids = ids
  }

  func run() {
    let found: Result<[MeasuredRun], Failure>
    do throws(Failure) { found = .success(try measure()) } catch { found = .failure(error) }
    result.withLock { $0 = found }
  }

  private func measure() throws(Failure) -> [MeasuredRun] {
    let store: ResultsStore
    do throws(StoreError) { store = try .open(path: path, mode: .readOnly) } catch { throw error.failure }
    defer { store.close() }
    return try store.finished(ids)
  }

  /// What was read, once the thread has ended; read now where no thread could be started.
  static func both(
    _ store: ResultsStore, _ before: [RunID], _ after: [RunID]
  ) throws(Failure) -> ([MeasuredRun], [MeasuredRun]) {
    let reader = SideReader(path: store.path, ids: after)
    let thread = try? WorkerThread(reader)
    defer { thread?.join() }
    let first = try store.finished(before)
    thread?.join()
    guard let found = reader.result.withLock({ $0 }) else { return (first, try store.finished(after)) }
    return (first, try found.get())
  }
}

import Model
import Synchronization

/// What other threads have to say to the person, said by the main thread: a world is its own.
final class Notes: MonitorListener, Sendable {
  private let lines = Mutex<[String]>([])
  /// Unsafe by its type alone: only `flush` uses it, and that only the main thread calls.
  nonisolated(unsafe) private let world: World
  private let isHeld: Bool

  private static let most = 20

  /// - Parameter isHeld: until the end, as a screen is in the way.
  init(_ world: World, isHeld: Bool) {
    self.world = world
    self.isHeld = isHeld
  }

  /// From any thread.
  func say(_ line: String) {
    lines.withLock { lines in
      lines.append(line)
      if lines.count > Self.most { lines.removeFirst() }
    }
  }

  func take(_ moment: MonitorMoment) { if !isHeld { flush() } }
  func close() { flush() }

  private func flush() {
    let said = lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
    for line in said { world.note("poolops: \(line)") }
  }
}

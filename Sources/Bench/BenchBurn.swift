import EventLoop
import Glibc
import Model
import Statistics

/// The neighbour on a shared machine: computes and writes for a while, rests for a while, at random, until its standard
/// input ends. So it ends with whoever started it.
func benchBurn(_ options: BenchOptions) -> Int32 {
  guard !options.root.isEmpty else { return refuse("give --root FOLDER, where it may write") }
  var burner = Burner(path: options.root + "/burner.tmp", random: RandomSource(seed: options.seed))
  while !inputHasEnded(within: 0) { burner.turn() }
  return 0
}

private struct Burner {
  let path: String
  var random: RandomSource

  /// Seconds of noise, and of silence, on average.
  private static let mean = 2.5

  init(path: String, random: RandomSource) {
    self.path = path
    self.random = random
  }

  mutating func turn() {
    if inputHasEnded(within: Int32(random.exponential(mean: Self.mean) * 1000)) { return }
    let end = MonotonicClock.now + Int64(random.exponential(mean: Self.mean) * 1e9)
    // Sometimes it mostly computes, sometimes it mostly writes.
    let writing = random.uniform()
    while MonotonicClock.now < end, !inputHasEnded(within: 0) {
      if random.uniform() < writing * 0.2 { write() } else { compute(milliseconds: 5) }
    }
    unlink(path)
  }

  private func compute(milliseconds: Int64) {
    let end = MonotonicClock.now + milliseconds * 1_000_000
    var state: UInt64 = 88_172_645_463_325_252
    while MonotonicClock.now < end {
      for _ in 0..<10_000 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
      }
    }
  }

  /// A megabyte to the disk, and waits until it is there.
  private func write() {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    _ = Glibc.write(file, bytes, bytes.count)
    fdatasync(file)
  }
}

/// Waits for the end of standard input, at most so many milliseconds.
private func inputHasEnded(within milliseconds: Int32) -> Bool {
  var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
  guard poll(&input, 1, milliseconds) > 0 else { return false }
  var byte: UInt8 = 0
  return read(STDIN_FILENO, &byte, 1) <= 0
}

import Statistics
import Testing

struct HistogramRecorderTests {
  private static let values: [Int64] = [-1, 0, 1, 255, 256, 40_000_000, 40_000_000, 3_600_000_000_000, .max]

  @Test func `a recorder counts as the value type does`() {
    var recorder = HistogramRecorder()
    for value in Self.values { recorder.record(value) }
    #expect(recorder.snapshot() == Histogram(Self.values))
    #expect(recorder.count == Self.values.count)
  }

  @Test func `taking a snapshot starts afresh`() {
    var recorder = HistogramRecorder()
    #expect(recorder.takeSnapshot() == Histogram())
    for value in Self.values { recorder.record(value) }
    #expect(recorder.takeSnapshot() == Histogram(Self.values))
    #expect(recorder.snapshot() == Histogram())
    // The first and the last bucket of before were cleared too.
    for value: Int64 in [7, .max, 0] { recorder.record(value) }
    #expect(recorder.takeSnapshot() == Histogram([7, .max, 0]))
  }

  @Test func `reset forgets everything`() {
    var recorder = HistogramRecorder()
    for value in Self.values { recorder.record(value) }
    recorder.reset()
    #expect(recorder.count == 0 && recorder.snapshot() == Histogram())
  }
}

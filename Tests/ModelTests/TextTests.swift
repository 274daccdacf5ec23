import Model
import Testing

@Suite struct TextTests {
  @Test(
    arguments: [
      ("250us", 250_000), ("340ms", 340_000_000), ("48.4ms", 48_400_000), ("1.5s", 1_500_000_000),
      ("20s", 20_000_000_000), ("90s", 90_000_000_000), ("30m", 1_800_000_000_000), ("1h", 3_600_000_000_000),
    ] as [(String, Int64)])
  func `a duration is read, and written so that it reads the same`(text: String, nanoseconds: Int64) {
    let duration = Duration(text: text)
    #expect(duration?.nanoseconds == nanoseconds)
    #expect(duration.flatMap { Duration(text: $0.text) } == duration)
  }

  @Test(arguments: ["", "20", "s", "-1s", "1 s", "1d", "1.2.3s", "1e3s", "99999999999h"])
  func `what is no duration is refused`(text: String) {
    #expect(Duration(text: text) == nil)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_763_664_600, "2025-11-20T18:50:00Z"),
      (4_107_542_399, "2100-02-28T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
    ] as [(Int64, String)])
  func `a moment is written in RFC 3339`(seconds: Int64, text: String) {
    #expect(Timestamp(microseconds: seconds * 1_000_000).text == text)
  }

  @Test(
    arguments: [
      (Metric.latency(95), 0.485, "485 ms"), (.latency(50), 0.0003, "300 us"), (.wait(95), 0, "0 ms"),
      (.latency(99), 12.34, "12.3 s"), (.errorRate, 0.021, "2.10 %"), (.serverCPU, 0.4567, "45.7 %"),
      (.throughput, 413.25, "413.3 /s"), (.acquireTimeouts, 1245, "1245"), (.backendMemory, 1_153_434, "1.1 MiB"),
    ] as [(Metric, Double, String)])
  func `a value is shown with its unit`(metric: Metric, value: Double, text: String) {
    #expect(metric.text(value) == text)
  }

  @Test(
    arguments: [
      ("run-12", 12), ("12", 12), ("run-0", nil), ("run-", nil), ("run-1x", nil), ("-3", nil), ("RUN-1", nil),
    ] as [(String, Int?)])
  func `a run is named by its number`(text: String, number: Int?) {
    #expect(RunID(text: text)?.number == number)
  }

  @Test func `an execution is named by experiment and number`() {
    #expect(ExecutionID(text: "peak#3") == ExecutionID(experiment: "peak", number: 3))
    #expect(["peak", "#3", "peak#", "peak#0"].allSatisfy { ExecutionID(text: $0) == nil })
  }

  @Test(
    arguments: [
      ("maxsize", "max_size"), ("max_sizes", "max_size"), ("aquire_timeout", "acquire_timeout"), ("banana", nil),
    ] as [(String, String?)])
  func `the nearest known word is suggested, and no far one`(word: String, suggestion: String?) {
    #expect(nearest(to: word, in: SettingKey.allCases.map(\.rawValue)) == suggestion)
  }
}

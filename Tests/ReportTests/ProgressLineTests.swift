import Model
import TestSupport
import Testing

@testable import Report

private let measuring = ProgressLine(
  stage: .retest, pair: 3, pairs: 8, arm: .retest, elapsed: .seconds(187), total: .seconds(568), rate: 556.2,
  p95: 0.1453, errors: 1, active: 27, idle: 23, waiting: 4)

@Suite struct ProgressLineTests {
  @Test func `the line keeps what matters most when there is less room`() {
    let widths = [120, 90, 80, 70, 60, 50, 40, 30, 20]
    var lines = widths.map { "\($0): " + measuring.live(Style(width: $0)) }
    lines.append(measuring.live(Style(colour: true, width: 120)))
    lines.append(measuring.plain)
    lines.append(ProgressLine(stage: .preflight, pairs: 8, elapsed: .zero, total: .seconds(568)).plain)
    var early = measuring
    early.isWarmUp = true
    early.p95 = nil
    early.errors = 0
    early.elapsed = .seconds(700)
    lines.append(early.plain)
    expectSnapshot(lines.joined(separator: "\n") + "\n", "progress.txt")
  }

  @Test(arguments: 20...130)
  func `the line never fills the last column, so that it cannot wrap`(width: Int) {
    #expect(measuring.live(Style(width: width)).columns < width)
    #expect(withoutColour(measuring.live(Style(colour: true, width: width))) == measuring.live(Style(width: width)))
  }

  @Test func `a pipe gets a line at the start of each block and every ten seconds`() {
    var pace = ProgressPace()
    var due: [Int] = []
    for second in 0..<50 {
      var line = measuring
      line.elapsed = .seconds(second)
      line.pair = second < 25 ? 1 : 2
      line.rate = Double(second)
      if pace.isDue(line) { due.append(second) }
    }
    #expect(due == [0, 10, 20, 25, 35, 45])
  }
}

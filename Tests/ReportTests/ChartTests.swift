import Evidence
import Model
import TestSupport
import Testing

@testable import Report

@Suite struct ChartTests {
  private static let linear: [(highest: Double, unit: ChartAxis.Unit, texts: [String])] = [
    (0.5, .seconds, ["0", "200 ms", "400 ms", "600 ms"]), (0.00042, .seconds, ["0", "200 us", "400 us", "600 us"]),
    (7, .seconds, ["0", "2 s", "4 s", "6 s", "8 s"]), (560, .perSecond, ["0", "200", "400", "600"]),
    (48_000, .perSecond, ["0", "20,000", "40,000", "60,000"]), (0.034, .share, ["0 %", "1 %", "2 %", "3 %", "4 %"]),
    (3, .count, ["0", "1", "2", "3"]), (0, .count, ["0", "0.5", "1"]), (.infinity, .count, ["0", "0.5", "1"]),
    (.nan, .share, ["0 %", "50 %", "100 %"]),
  ]

  @Test(arguments: linear) func `an axis starts at zero and ends at a round number above the highest value`(
    highest: Double, unit: ChartAxis.Unit, texts: [String]
  ) {
    let axis = ChartAxis.linear(to: highest, unit)
    #expect(axis.ticks.map(\.text) == texts)
    #expect(axis.range.lowerBound == 0 && !(axis.range.upperBound < highest) || !highest.isFinite)
  }

  private static let times: [(ClosedRange<Double>, [String])] = [
    (0...372, ["0", "1 min", "2 min", "3 min", "4 min", "5 min", "6 min"]),
    (-3...20, ["0", "5 s", "10 s", "15 s", "20 s"]),
    (0...1, ["0", "1 s"]), (0...0, ["0"]),
    (0...7200, ["0", "15 min", "30 min", "45 min", "60 min", "75 min", "90 min", "105 min", "120 min"]),
    (0...900_000, ["0", "48 h", "96 h", "144 h", "192 h", "240 h"]),
  ]

  @Test(arguments: times) func `a time axis has the steps of a clock`(range: ClosedRange<Double>, texts: [String]) {
    #expect(ChartAxis.time(range).ticks.map(\.text) == texts)
  }

  @Test func `a logarithmic axis names powers of ten, and gives way with the rest`() {
    let axis = ChartAxis.logarithmic(0.001, 1, .seconds)
    #expect(axis.ticks.filter { !$0.isMinor }.map(\.text) == ["1 ms", "10 ms", "100 ms", "1000 ms"])
    #expect(abs(axis.position(0.01) - 1.0 / 3) < 1e-9)
  }

  @Test(arguments: [1, 400, 401, 3600, 100_000, 10_000_000]) func `thinning loses no peak and leaves few points`(
    length: Int
  ) {
    let points = (0..<min(length, 20_000)).map {
      ChartPanel.Point(x: Double($0), y: $0 == 137 ? 9 : Double($0 % 7) / 10)
    }
    let thinning = Thinning(of: length)
    let thinned = thinning.thinned(points)
    let highest = thinned.band.isEmpty ? thinned.line.map(\.y).max() : thinned.band.map(\.high).max()
    #expect(highest == points.map(\.y).max())
    #expect(length / thinning.seconds <= Thinning.mostPoints && thinned.band.isEmpty == (thinning.seconds == 1))
    #expect(thinned.line.map(\.x).sorted() == thinned.line.map(\.x))
  }

  @Test func `a short piece that becomes one point keeps its length`() {
    let piece = (0..<20).map { ChartPanel.Point(x: Double($0), y: 1) }
    #expect(Thinning(of: 20_000).thinned(piece).line.map(\.x) == [0, 19])
  }

  @Test func `labels at the edge do not lie on each other`() throws {
    var panel = ChartPanel(
      id: "p", title: "Title <1>", summary: "Words & figures", caption: ["Caption"], x: .time(0...10),
      y: .linear(to: 1, .count))
    for (index, name) in ["a", "b", "c"].enumerated() {
      panel.labels.append(
        .init(text: name, look: .after, at: .init(x: 10, y: 0.5 + Double(index) / 1000), isAtEdge: true))
    }
    let svg = ChartSVG.inline(panel)
    let heights = svg.split(separator: "<text class=\"name").dropFirst().compactMap { part -> Double? in
      part.split(separator: " y=\"").last.flatMap { Double($0.prefix { $0 != "\"" }) }
    }
    #expect(heights.count == 3 && zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= 13 }, "\(heights)")
    #expect(MarkupCheck(svg).faults == [])
    #expect(svg.contains("Title &lt;1&gt;") && svg.contains("Words &amp; figures"))
  }

  @Test func `charts of a runbook are small files of their own, and never change by themselves`() throws {
    let evidence = try SeriesFixtures.evidence()
    let files = ChartRegion.files(evidence)
    #expect(files.map(\.name) == ["peak-latency.svg", "peak-time.svg"])
    for file in files {
      #expect(MarkupCheck(file.text).faults == [], "\(file.name)")
      #expect(file.text.utf8.count < 32_768 && !file.text.contains("nan") && !file.text.contains("inf"))
      expectSnapshot(file.text, file.name)
    }
    #expect(files == ChartRegion.files(evidence))
  }

  @Test func `where nothing was measured there is no chart, and the region says so`() throws {
    var evidence = try SeriesFixtures.evidence()
    evidence.series = []
    #expect(ChartRegion.files(evidence).isEmpty)
    guard case .missing(let why) = ChartRegion.content(evidence) else { Issue.record("text"); return }
    #expect(why.contains("run-12") && why.contains("run-13"))
  }
}

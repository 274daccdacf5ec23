import Model
import Testing

@Suite struct SweepTests {
  private static let lists: [(text: String, numbers: [Int]?)] = [
    ("10", [10]), ("10,20,50", [10, 20, 50]), ("10..14", [10, 11, 12, 13, 14]), ("10..30:10", [10, 20, 30]),
    ("10..35:10", [10, 20, 30]), ("5,10..20:5,40", [5, 10, 15, 20, 40]), ("7..7", [7]), ("1..1000", Array(1...1000)),
    ("", nil), ("0", nil), ("-1", nil), ("1.5", nil), ("10,", nil), (",10", nil), ("20..10", nil), ("10..", nil),
    ("..10", nil), ("10..20:0", nil), ("10..20:-1", nil), ("10..20:5:5", nil), ("10...20", nil), ("1..1001", nil),
    ("1..600,1..600", nil), (" 10", nil), ("10 20", nil), ("+5", nil), ("99999999", nil), ("1..9999999", nil),
    ("٣", nil), ("ten", nil),
  ]

  @Test(arguments: lists) func `a list of numbers reads as`(text: String, numbers: [Int]?) {
    #expect(NumberList.parse(text) == numbers)
  }

  private static let levels: [(word: String, level: SweepLevel?)] = [
    ("users:100", .users(100)), ("rate:413.5", .rate(413.5)), ("rate:0.1", .rate(0.1)), ("users:0", nil),
    ("users:1.5", nil), ("rate:nan", nil), ("rate:-1", nil), ("rate:inf", nil), ("users", nil), ("people:5", nil),
    ("users:1:2", nil), ("", nil),
  ]

  @Test(arguments: levels) func `a level as stored reads back`(word: String, level: SweepLevel?) {
    #expect(SweepLevel(word: word) == level)
    if let level { #expect(level.word == word) }
  }

  private static let closed = LoadShape.constant(users: 500, warmUp: .seconds(3), duration: .seconds(20))
  private static let open = LoadShape.arrivalRate(
    rate: 400, spacing: .even, warmUp: .seconds(1), duration: .seconds(9))

  private static func experiment(_ shape: LoadShape) -> Experiment {
    Experiment(
      name: "peak", title: "", hypothesis: "", staging: .embedded(datasetScale: 1, settings: [:]), target: .builtin,
      baseline: SettingPatch([.maxSize: .count(20), .minSize: .count(8)]), change: SettingPatch([.maxSize: .count(50)]),
      load: LoadSpec(shape: shape, transactions: [Transaction(name: "one", sql: "SELECT 1")]),
      pairs: PairsSpec(), guards: [], checks: [], after: AfterSpec())
  }

  @Test func `what was not said is the experiment's`() throws {
    let file = SweepOutline(sizes: [20, 10, 20], levels: [.users(9), .users(5)], repeats: 3)
    let typed = SweepOutline(sizes: [30], duration: .seconds(2))
    let experiment = Self.experiment(Self.closed)
    let grid = try file.overlaid(with: typed).spec(.grid, for: experiment)
    #expect(grid.sizes == [30] && grid.levels == [.users(5), .users(9)] && grid.repeats == 3)
    #expect(grid.warmUp == .seconds(3) && grid.duration == .seconds(2))
    let bare = try SweepOutline(sizes: [10]).spec(.grid, for: Self.experiment(Self.open))
    #expect(bare.levels == [.rate(400)] && bare.warmUp == .seconds(1) && bare.repeats == 1)
    let search = try file.spec(.knee, for: experiment)
    #expect(search.sizes == [20] && search.levels == [.users(9)], "the largest size bounds it, under the highest load")
    #expect(search.again == 2 && grid.again == 0, "a search asks for it by itself")
    let short = SweepOutline(sizes: [20], duration: .milliseconds(9999))
    #expect(try short.spec(.knee, for: experiment).again == 0, "no two windows")
    let asked = short.overlaid(with: SweepOutline(again: 1))
    #expect(throws: Failure.self) { try asked.spec(.grid, for: experiment) }
    #expect(try SweepOutline(sizes: [20], again: 3).spec(.grid, for: experiment).again == 3)
    #expect(throws: Failure.self) { try SweepOutline().spec(.grid, for: experiment) }
    #expect(throws: Failure.self, "10,100 cells") {
      try SweepOutline(sizes: Array(1...1010), levels: (1...10).map(SweepLevel.users)).spec(.grid, for: experiment)
    }
  }

  @Test func `a cell is the baseline with another size under another load`() {
    let spec = SweepSpec(sizes: [4], levels: [.users(7)], warmUp: .zero, duration: .seconds(2))
    let cell = Self.experiment(Self.closed).cell(size: 4, level: .users(7), of: spec)
    let settings = cell.settings(of: .retest)
    #expect(settings.maxSize == 4 && settings.minSize == 4 && settings.contradictions == [], "the change plays no part")
    #expect(cell.load.shape == .constant(users: 7, warmUp: .zero, duration: .seconds(2)))
    let open = Self.experiment(Self.open).cell(size: 40, level: .rate(5), of: spec)
    #expect(open.load.shape == .arrivalRate(rate: 5, spacing: .even, warmUp: .zero, duration: .seconds(2)))
    #expect(open.settings(of: .baseline).minSize == 8)
  }
}

import Model
import Monitor

/// Drawings of one line: connections against their most, and the last minutes.
struct MonitorBars {
  let unicode: Bool

  /// What is used, idle and still free of `most`, in `width` cells: at least one cell for what is not nothing.
  func bar(used: Double, idle: Double, most: Double, width: Int) -> (used: String, idle: String, free: String) {
    guard most > 0, width > 0 else { return ("", "", String(repeating: blank, count: max(0, width))) }
    let usedCells = cells(used, most, width)
    let idleCells = min(width - usedCells, cells(idle, most, width))
    return (
      String(repeating: unicode ? "█" : "#", count: usedCells),
      String(repeating: unicode ? "▒" : "=", count: idleCells),
      String(repeating: blank, count: width - usedCells - idleCells)
    )
  }

  private var blank: String { unicode ? "·" : "." }

  private func cells(_ value: Double, _ most: Double, _ width: Int) -> Int {
    guard value > 0 else { return 0 }
    // A bar is full only where nothing is free.
    return value >= most ? width : min(max(1, width - 1), max(1, Int((value / most * Double(width)).rounded())))
  }

  /// The last `width` stretches of equal length, the newest at the right; the largest value of each, on a scale from 0 to the
  /// largest of all. Blank where nothing was told.
  func sparkline(_ points: [(at: Double, value: Double)], seconds: Double, width: Int) -> (text: String, most: Double) {
    let cells = Self.stretches(points, seconds: seconds, width: width)
    let most = cells.compactMap { $0 }.max() ?? 0
    let marks = Array(unicode ? "▁▂▃▄▅▆▇█" : "_.,:-=+#")
    let text = cells.map { value -> Character in
      guard let value else { return " " }
      guard most > 0 else { return marks[0] }
      return marks[min(marks.count - 1, Int((value / most * Double(marks.count - 1)).rounded()))]
    }
    return (String(text), most)
  }

  private static func stretches(
    _ points: [(at: Double, value: Double)], seconds: Double, width: Int
  ) -> [Double?] {
    var cells = [Double?](repeating: nil, count: max(0, width))
    guard let now = points.last?.at, width > 0 else { return cells }
    // Whole stretches of a fixed clock: else every cell would flicker as time goes on.
    let length = seconds / Double(width)
    let newest = (now / length).rounded(.down)
    for point in points {
      let cell = width - 1 - Int(newest - (point.at / length).rounded(.down))
      if cells.indices.contains(cell) { cells[cell] = max(cells[cell] ?? 0, point.value) }
    }
    return cells
  }
}

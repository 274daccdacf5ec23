/// The candidate that a mistyped word most likely meant: the nearest by edits, else the only one that it begins.
func suggestion(for word: String, among candidates: [String]) -> String? {
  let word = word.lowercased()
  let near = candidates.map { (candidate: $0, distance: editDistance(word, $0.lowercased())) }
    .filter { $0.distance <= max(1, min(3, $0.candidate.count / 3)) && $0.distance < max(word.count, 2) }
  if let nearest = near.min(by: { $0.distance < $1.distance }) { return nearest.candidate }
  let begun = candidates.filter { $0.lowercased().hasPrefix(word) }
  return word.count > 1 && begun.count == 1 ? begun[0] : nil
}

/// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other
/// (optimal string alignment).
func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first)
  let b = Array(second)
  var before: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
      row.append(cost)
    }
    before = last
    last = row
  }
  return last[b.count]
}

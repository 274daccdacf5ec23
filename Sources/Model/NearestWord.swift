/// The known word that `word` was probably meant to be: at most a third of its letters differ; nil when none is near.
package func nearest(to word: String, in known: [String]) -> String? {
  let limit = max(1, word.count / 3)
  let scored = known.map { (word: $0, distance: editDistance(word, $0)) }
  return scored.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.word
}

/// Insertions, deletions and replacements that turn one word into the other (Levenshtein).
package func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left)
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, letter) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let replaced = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    }
  }
  return row[right.count]
}

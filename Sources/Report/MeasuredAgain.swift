import Evidence

extension RunFigures {
  /// Which blocks were measured again, and why; only where there are any.
  var againSentence: String {
    let blocks = measuredAgain.count == 1 ? "1 block was" : "\(measuredAgain.count) blocks were"
    return "\(blocks) measured again (\(measuredAgain.joined(separator: "; ")))."
  }
}

import Model

/// A generated file that knows whether somebody edited it: `poolops alerts render` and a checksum stand in its text.
package enum SealedText {
  private static let mark = "poolops alerts render, fnv1a="
  private static let digits = 16

  /// What is put into the text where the seal is to stand.
  static let blank = mark + String(repeating: "0", count: digits)

  /// The text with its checksum in the place of the blank one.
  static func seal(_ text: String) -> String {
    text.replacing(blank, with: mark + Checksum(text).text, maxReplacements: 1)
  }

  package enum Author: Hashable, Sendable {
    case poolops
    /// Written by poolops, then changed.
    case poolopsAndSomebody
    case somebody
  }

  package static func author(of text: String) -> Author {
    guard let start = text.firstRange(of: mark)?.upperBound else { return .somebody }
    let seal = text[start...].prefix(digits)
    guard seal.count == digits, seal.allSatisfy(\.isHexDigit) else { return .somebody }
    let unsealed = text.replacing(mark + seal, with: blank, maxReplacements: 1)
    return Checksum(unsealed).text == seal ? .poolops : .poolopsAndSomebody
  }
}

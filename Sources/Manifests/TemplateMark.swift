/// Tells a template, of which YAML is made later, from YAML.
enum TemplateMark {
  /// Nothing but Helm knows these; other templates stand in values of files that are YAML.
  private static let ofHelmAlone = [
    ".Values", ".Release", ".Chart", ".Capabilities", "$.Values", "include \"", "toYaml",
  ]
  private static let ofHelm =
    ofHelmAlone + [
      ".Files", ".Template", "$.", "include ", "template ", "if ", "range ", "with ", "define ", "end", "else", "tpl ",
      "/*",
    ]
  static let helm = "a Helm template: render it first ('helm template'), and give what comes out"

  /// What to do with a template; nil for what is none.
  static func reason(_ bytes: ArraySlice<UInt8>) -> String? {
    if firstMark(bytes, ofHelm) != nil { return helm }
    return contains(bytes, "{{") || contains(bytes, "{%") ? "a template: render it first, and give what comes out" : nil
  }

  /// Where `{{ .Values.replicas }}` or another thing stands that makes a text a template of Helm, whatever YAML says.
  static func ofHelm(_ bytes: ArraySlice<UInt8>) -> Int? { firstMark(bytes, ofHelmAlone) }

  /// `{{- if ...`: where one of the words follows the braces.
  private static func firstMark(_ bytes: ArraySlice<UInt8>, _ words: [String]) -> Int? {
    let words = words.map { Array($0.utf8) }
    let firsts = Set(words.compactMap(\.first))
    var rest = bytes
    while let brace = rest.firstIndex(of: UInt8(ascii: "{")) {
      rest = rest[(brace + 1)...]
      guard rest.first == UInt8(ascii: "{") else { continue }
      rest = rest.dropFirst()
      let inside = rest.drop { $0 == UInt8(ascii: "-") || $0 == 0x20 }
      guard let first = inside.first, firsts.contains(first) else { continue }
      if words.contains(where: { inside.starts(with: $0) }) { return brace }
    }
    return nil
  }

  static func contains(_ bytes: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
    let word = Array("\(word)".utf8)
    return bytes.indices.contains { bytes[$0] == word[0] && bytes[$0...].starts(with: word) }
  }
}

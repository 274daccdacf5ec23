/// What is wrong with a page or an SVG as markup: tags that do not nest, attributes without quotes, ids that are there
/// twice, references to ids that are not there. A strict reading, and so narrower than what browsers forgive.
struct MarkupCheck {
  private(set) var faults: [String] = []
  private(set) var names: Set<String> = []
  private var ids: Set<String> = []
  private var references: [String] = []
  private var open: [String] = []
  private static let void: Set<String> = ["meta", "br", "hr", "img", "input", "link"]

  init(_ text: String) {
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      rest = rest[start...]
      if rest.hasPrefix("<!") {
        rest = rest.dropFirst((rest.firstIndex(of: ">").map { rest.distance(from: rest.startIndex, to: $0) } ?? 0) + 1)
        continue
      }
      guard let end = rest.firstIndex(of: ">") else { faults.append("a tag without end: \(rest.prefix(40))"); break }
      take(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...]
      // A style sheet is no markup.
      if open.last == "style", let close = rest.firstRange(of: "</style>") { rest = rest[close.lowerBound...] }
    }
    faults += open.map { "<\($0)> is not closed" }
    faults += references.filter { !ids.contains($0) }.map { "nothing has the id \($0)" }
  }

  private mutating func take(_ tag: Substring) {
    if tag.hasPrefix("/") {
      let name = String(tag.dropFirst())
      if open.last == name { open.removeLast() } else { faults.append("</\(name)> closes <\(open.last ?? "nothing")>") }
      return
    }
    let isClosed = tag.hasSuffix("/")
    let body = isClosed ? tag.dropLast() : tag
    let name = String(body.prefix { !$0.isWhitespace })
    names.insert(name)
    attributes(body.dropFirst(name.count), of: name)
    if !isClosed, !Self.void.contains(name) { open.append(name) }
  }

  private mutating func attributes(_ text: Substring, of name: String) {
    var rest = text.drop(while: \.isWhitespace)
    while !rest.isEmpty {
      let key = rest.prefix { $0 != "=" && !$0.isWhitespace }
      rest = rest.dropFirst(key.count)
      guard rest.hasPrefix("=") else { rest = rest.drop(while: \.isWhitespace); continue }
      rest = rest.dropFirst()
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else {
        faults.append("\(key) of <\(name)> has no quotes")
        return
      }
      let value = String(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
      if key.hasPrefix("on") { faults.append("\(key) of <\(name)> would run a script") }
      if key == "id", !ids.insert(value).inserted { faults.append("the id \(value) is there twice") }
      if key == "aria-labelledby" { references += value.split(separator: " ").map(String.init) }
    }
  }
}

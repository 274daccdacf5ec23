/// Where a runbook tells what to do: the section that holds a generated region, as a link names it.
package enum RunbookSection {
  /// The fragment of the heading above the region, as GitHub makes it; nil where there is no such region.
  package static func anchor(of region: String, in text: String) -> String? {
    var anchor: String?
    var seen: [String: Int] = [:]
    var fence: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = line.drop { $0 == " " }
      if line.hasPrefix("```") || line.hasPrefix("~~~") {
        fence = fence == nil ? line.prefix(3) : (line.hasPrefix(fence ?? "") ? nil : fence)
      }
      guard fence == nil else { continue }
      if line.hasPrefix("<!-- poolops:begin \(region) ") { return anchor }
      guard line.hasPrefix("#") else { continue }
      let title = line.drop { $0 == "#" }
      guard title.hasPrefix(" ") else { continue }
      let slug = slug(title.dropFirst())
      let count = seen[slug, default: 0]
      seen[slug] = count + 1
      anchor = count == 0 ? slug : "\(slug)-\(count)"
    }
    return nil
  }

  private static func slug(_ title: Substring) -> String {
    var slug = ""
    for character in title.lowercased() {
      if character.isLetter || character.isNumber || character == "-" || character == "_" { slug.append(character) }
      if character == " " { slug.append("-") }
    }
    return slug
  }
}

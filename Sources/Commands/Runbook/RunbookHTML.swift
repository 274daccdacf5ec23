import Model
import Report

extension RunbookShelf {
  /// The runbook as one HTML page that loads nothing: its images are in it.
  func page(_ name: String, _ text: String) throws(Failure) -> String {
    guard let tree = MarkdownTree(text) else { throw Failure(.badConfiguration, "\(path(name)) cannot be parsed") }
    tree.dropRawHTML()
    tree.nameHeadings()
    let figures = files(of: text)
    try tree.replaceImages { url, words throws(Failure) in
      if let file = figures.first(where: { $0.name == url }) { return .init(before: file.figure.source, isBlock: true) }
      return try image(url, words, of: name)
    }
    let html = tree.html
      .replacing("<table>", with: "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table\"><table>")
      .replacing("</table>", with: "</table></div>")
      .replacing("<th>", with: "<th scope=\"col\">").replacing("<th align", with: "<th scope=\"col\" align")
    return RunbookPage(title: tree.title ?? name, body: HTML(markup: html)).text
  }

  private static let types = [
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp",
  ]
  private static let mostBytes = 2 << 20

  private func image(_ url: String, _ words: String, of name: String) throws(Failure) -> MarkdownTree.Replacement {
    let ending = url.split(separator: ".").last.map { $0.lowercased() } ?? ""
    let isRemote = url.contains("://") || url.hasPrefix("//") || url.hasPrefix("data:")
    guard !isRemote, let type = Self.types[ending] else {
      return .init(before: "<span class=\"soft\">[image elsewhere: ", after: "]</span>", keepsWords: true)
    }
    guard !url.hasPrefix("/"), !url.split(separator: "/").contains("..") else {
      throw Failure(.badConfiguration, "\(name) shows the image \(url), which is not beside it or below")
    }
    guard Files.exists(path(url)) else {
      throw Failure(
        .badConfiguration, "\(name) shows the image \(url), and there is no such file beside it",
        hint: "'poolops runbook render' writes those of generated regions.")
    }
    let data = base64(try Files.bytes(path(url), limit: Self.mostBytes))
    return .init(before: "<img alt=\"\(HTML.escaped(words))\" src=\"data:\(type);base64,\(data)\">")
  }
}

/// RFC 4648, with padding.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var output: [UInt8] = []
  output.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let part = bytes[start..<min(start + 3, bytes.count)]
    let group = part.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
    for position in 0..<4 {
      output.append(position <= part.count ? alphabet[group >> (18 - 6 * position) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: output, as: UTF8.self)
}

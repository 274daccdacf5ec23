import CCMark
import Glibc
import Model

/// A Markdown text as GitHub reads it, parsed by cmark-gfm: tables, task lists, strikethrough, bare links. Raw HTML in it
/// is left out.
final class MarkdownTree {
  private let root: OpaquePointer
  private let parser: OpaquePointer
  private static let options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8
  private static let extensions = ["table", "tasklist", "strikethrough", "autolink"]

  /// nil only when there is no memory.
  init?(_ text: String) {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(Self.options) else { return nil }
    for name in Self.extensions {
      if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
    }
    cmark_parser_feed(parser, text, text.utf8.count)
    guard let root = cmark_parser_finish(parser) else {
      cmark_parser_free(parser)
      return nil
    }
    self.root = root
    self.parser = parser
  }

  deinit {
    cmark_node_free(root)
    cmark_parser_free(parser)
  }

  var html: String {
    guard let text = cmark_render_html(root, Self.options, cmark_parser_get_syntax_extensions(parser)) else {
      return ""
    }
    defer { free(text) }
    return String(cString: text)
  }

  /// The words of the first heading.
  var title: String? { nodes(CMARK_NODE_HEADING).first.map(words) }

  /// What stands before and after an image's own words in its place.
  struct Replacement {
    var before: String
    var after = ""
    var keepsWords = false
    /// It takes the place of the whole paragraph, where that holds nothing else.
    var isBlock = false
  }

  /// Puts markup of ours in the place of each image; nil leaves it alone.
  func replaceImages(_ replacement: (_ url: String, _ words: String) throws(Failure) -> Replacement) throws(Failure) {
    // Inner ones first: an image may stand in the words of another, and goes with it.
    for image in nodes(CMARK_NODE_IMAGE).reversed() {
      let url = cmark_node_get_url(image).map { String(cString: $0) } ?? ""
      let new = try replacement(url, words(image))
      let paragraph = new.isBlock ? Self.paragraph(around: image) : nil
      let kind = paragraph == nil ? CMARK_NODE_CUSTOM_INLINE : CMARK_NODE_CUSTOM_BLOCK
      guard let node = cmark_node_new(kind) else { continue }
      cmark_node_set_on_enter(node, new.before)
      cmark_node_set_on_exit(node, new.after)
      while new.keepsWords, let child = cmark_node_first_child(image) { cmark_node_append_child(node, child) }
      cmark_node_replace(paragraph ?? image, node)
      cmark_node_free(paragraph ?? image)
    }
  }

  /// nil where the image does not stand alone.
  private static func paragraph(around image: OpaquePointer) -> OpaquePointer? {
    guard let parent = cmark_node_parent(image), cmark_node_get_type(parent) == CMARK_NODE_PARAGRAPH,
      cmark_node_first_child(parent) == image, cmark_node_last_child(parent) == image
    else { return nil }
    return parent
  }

  /// Gives each heading the name that links within the page use: `#roll-it-back`.
  func nameHeadings() {
    var used: [String: Int] = [:]
    for heading in nodes(CMARK_NODE_HEADING) {
      let slug = Self.slug(words(heading))
      let count = used[slug, default: 0]
      used[slug] = count + 1
      guard let anchor = cmark_node_new(CMARK_NODE_CUSTOM_INLINE) else { continue }
      cmark_node_set_on_enter(anchor, "<span id=\"\(count == 0 ? slug : "\(slug)-\(count)")\">")
      cmark_node_set_on_exit(anchor, "</span>")
      while let child = cmark_node_first_child(heading) { cmark_node_append_child(anchor, child) }
      cmark_node_append_child(heading, anchor)
    }
  }

  /// Letters and digits in lower case, blanks as hyphens; nothing that could end an attribute.
  private static func slug(_ text: String) -> String {
    String(
      text.lowercased().compactMap { character in
        character.isWhitespace
          ? "-" : (character.isLetter || character.isNumber || "-_".contains(character)) ? character : nil
      })
  }

  /// Leaves no remark about the raw HTML that was left out, which is mostly the markers of regions.
  func dropRawHTML() {
    for node in nodes(CMARK_NODE_HTML_BLOCK) + nodes(CMARK_NODE_HTML_INLINE) {
      cmark_node_unlink(node)
      cmark_node_free(node)
    }
  }

  private func nodes(_ type: cmark_node_type) -> [OpaquePointer] {
    guard let iterator = cmark_iter_new(root) else { return [] }
    defer { cmark_iter_free(iterator) }
    var found: [OpaquePointer] = []
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return found }
      guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) else { continue }
      if cmark_node_get_type(node) == type { found.append(node) }
    }
  }

  private func words(_ node: OpaquePointer) -> String {
    var text = ""
    var child = cmark_node_first_child(node)
    while let current = child {
      text += cmark_node_get_literal(current).map { String(cString: $0) } ?? words(current)
      child = cmark_node_next(current)
    }
    return text
  }
}

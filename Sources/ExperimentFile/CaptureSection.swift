import Model
import YAML

extension ExperimentReader {
  /// `{ order_id: { json: order.id } }`: names that later steps use, and where each value comes from.
  mutating func captures(_ node: Node, _ context: LoadContext) -> [Capture]? {
    let example = context.isHTTP ? "order_id: { json: order.id }" : "order_id: { column: id }"
    guard let entries = entries(node, "captures", accepts: "names with their source, such as \(example)") else {
      return nil
    }
    let found = entries.compactMap { entry -> Capture? in
      guard entry.key.isVariableName else {
        return fault(
          entry.mark, "\(quoted(entry.key)) is no name of a captured value; use letters, digits and '_'")
      }
      return source(entry.value, entry.key, context).map { Capture(name: entry.key, source: $0) }
    }
    return found.count == entries.count ? found : nil
  }

  private mutating func source(_ node: Node, _ name: String, _ context: LoadContext) -> Capture.Source? {
    let (known, foreign) = context.isHTTP ? (["json", "header"], ["column"]) : (["column"], ["json", "header"])
    for key in foreign {
      guard let value = node.value(of: key) else { continue }
      let what = context.isHTTP ? "an answer over HTTP has json and header" : "the answer to a statement has column"
      return fault(value.mark, "\(key) is no source here: \(what)")
    }
    guard let (key, value) = choice(node, name, of: known) else { return nil }
    switch key {
    case "column": return plain(value, key, accepts: "the name of a column, such as id").map(Capture.Source.column)
    case "header": return header(value).map(Capture.Source.header)
    default: return jsonPath(value).map(Capture.Source.json)
    }
  }

  private mutating func header(_ node: Node) -> String? {
    guard let text = plain(node, "header", accepts: "the name of a header, such as Location") else { return nil }
    guard text.isHeaderName else { return refuse(node, text, "header", "the name of a header, such as Location") }
    return text
  }

  /// `order.id`, `items[0].sku`.
  private mutating func jsonPath(_ node: Node) -> String? {
    let accepts = "a place in a JSON body, such as order.id or items[0].sku"
    guard let text = plain(node, "json", accepts: accepts) else { return nil }
    return JSONPlace(text)?.isSingle == true ? text : refuse(node, text, "json", accepts)
  }

  /// A text of one line, not empty.
  private mutating func plain(_ node: Node, _ name: String, accepts: String) -> String? {
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard !text.isEmpty, text.utf8.count <= 200, !text.hasControls else { return refuse(node, text, name, accepts) }
    return text
  }
}

extension String {
  var hasControls: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }

  /// A token of RFC 9110.
  var isHeaderName: Bool {
    let signs: Set<Character> = ["!", "#", "$", "%", "&", "'", "*", "+", "-", ".", "^", "_", "`", "|", "~"]
    return !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || signs.contains($0) }
  }
}

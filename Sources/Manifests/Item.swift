import Configuration
import YAML

/// A value of a YAML file that others wrote, with its place in that file; merge keys (`<<`) are put in.
struct Item: Sendable {
  enum Content: Sendable {
    case nothing
    case text(String)
    case list([Item])
    case map([Field])
  }
  struct Field: Sendable {
    var name: String
    var place: Place
    var item: Item
  }

  var content: Content
  var place: Place
  /// The line on which the text of a literal block begins.
  var literalLine: Int?

  init(_ content: Content, at place: Place) {
    self.content = content
    self.place = place
  }

  init(_ node: Node, _ source: YAMLDocuments.Source) {
    place = source.place(node.mark)
    literalLine = node.literalLine.map { $0 + source.linesBefore }
    switch node.content {
    case .scalar(let text, let isPlain): content = isPlain && Self.nulls.contains(text) ? .nothing : .text(text)
    case .list(let nodes): content = .list(nodes.map { Item($0, source) })
    case .map(let entries): content = .map(Self.fields(entries, source))
    }
  }

  private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]

  /// What a map says itself wins over what is merged into it, and of one name the last.
  private static func fields(_ entries: [Node.Entry], _ source: YAMLDocuments.Source) -> [Field] {
    var own: [Field] = []
    var merged: [Field] = []
    for entry in entries {
      guard case .scalar(let name, let isPlain) = entry.key.content else { continue }
      let item = Item(entry.value, source)
      if name == "<<", isPlain {
        merged += item.mergedFields
      } else {
        own.append(Field(name: name, place: source.place(entry.key.mark), item: item))
      }
    }
    return merged.isEmpty ? own : unique(own, under: merged)
  }

  /// What `<<` brings: of a map its fields, of a list those of its maps, of which the first win.
  private var mergedFields: [Field] {
    switch content {
    case .map(let fields): fields
    case .list(let items): items.reversed().flatMap(\.fields)
    case .nothing, .text: []
    }
  }

  private static func unique(_ own: [Field], under merged: [Field]) -> [Field] {
    var taken = Set(own.map(\.name))
    var kept: [Field] = []
    for field in merged.reversed() where taken.insert(field.name).inserted { kept.append(field) }
    return kept.reversed() + own
  }
}

extension Item {
  var fields: [Field] {
    if case .map(let fields) = content { fields } else { [] }
  }
  var items: [Item] {
    if case .list(let items) = content { items } else { [] }
  }
  /// Of a scalar that is there.
  var text: String? {
    if case .text(let text) = content { text } else { nil }
  }
  var isMap: Bool {
    if case .map = content { true } else { false }
  }
  var isNothing: Bool {
    if case .nothing = content { true } else { false }
  }

  func field(_ name: String) -> Field? { fields.last { $0.name == name } }

  /// What stands under a name; nil where nothing does, and for `null`.
  subscript(_ name: String) -> Item? {
    guard let item = field(name)?.item, !item.isNothing else { return nil }
    return item
  }

  subscript(_ path: [String]) -> Item? {
    var item: Item? = self
    for name in path { item = item?[name] }
    return item
  }

  /// This over another, as Compose joins services: maps name by name, lists one after the other, the rest replaced.
  func merged(over base: Item) -> Item {
    switch (content, base.content) {
    case (.map(let own), .map(let below)):
      var fields = below
      var indices: [String: Int] = [:]
      for (index, field) in below.enumerated() { indices[field.name] = index }
      for field in own {
        guard let index = indices[field.name] else {
          indices[field.name] = fields.count
          fields.append(field)
          continue
        }
        let isReplaced = field.name == "command" || field.name == "entrypoint"
        fields[index].place = field.place
        fields[index].item = isReplaced ? field.item : field.item.merged(over: fields[index].item)
      }
      return Item(.map(fields), at: place)
    case (.list(let own), .list(let below)): return Item(.list(below + own), at: place)
    default: return self
    }
  }
}

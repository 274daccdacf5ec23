import Configuration
import YAML

/// The values of a ConfigMap: short ones, and whole files in another format.
struct EmbeddedFiles {
  struct Value {
    var name: String
    var text: String
    var place: Place
  }
  struct File {
    var read: ConfigurationFile
    /// The lines of the manifest that it takes; nil where they cannot be told.
    var lines: Range<Int>?
    /// A workload takes its settings.
    var isTaken = false
  }

  var place: Place
  private(set) var values: [Value] = []
  var files: [File] = []

  init(_ object: KubernetesObject, path: String) {
    place = object.place
    for field in object.item["data"]?.fields ?? [] {
      guard let text = field.item.text else { continue }
      if let reader = Self.reader(field.name, text) {
        let read = reader(Array(text.utf8), object.name + "/" + field.name)
        let count = text.count(where: \.isNewline)
        files.append(
          File(
            read: read.moved { Self.place($0, in: field.item, text, path) },
            lines: field.item.literalLine.map { $0..<$0 + count }))
      } else if !text.contains(where: \.isNewline) {
        values.append(Value(name: field.name, text: text, place: field.item.place))
      }
    }
  }

  /// Without secrets, as they leave the reader.
  var settings: [Written] { values.map { Redaction.written($0.name, $0.text, at: $0.place) } }

  private static func reader(_ name: String, _ text: String) -> (
    (_ bytes: [UInt8], _ path: String) -> ConfigurationFile
  )? {
    guard text.contains(where: \.isNewline) else { return nil }
    if SpringYAML.isName(name) { return { SpringYAML.read($0, path: $1) { _ in nil } } }
    guard let reader = TextReader(name: name) else { return nil }
    return { reader.read($0, path: $1) { _ in nil } }
  }

  /// The place in the manifest of a place in the file within it: exact in literal blocks, else that of the value.
  private static func place(_ inner: Place, in item: Item, _ text: String, _ path: String) -> Place {
    guard let first = item.literalLine else { return Place(path, line: item.place.line, column: item.place.column) }
    return Place(path, line: first + inner.line - 1)
  }
}

extension ConfigurationFile {
  /// The same with every place moved.
  func moved(_ move: (Place) -> Place) -> ConfigurationFile {
    var file = self
    for index in file.applications.indices { file.applications[index].move(move) }
    for index in file.poolers.indices { file.poolers[index].move(move) }
    for index in file.servers.indices { file.servers[index].move(move) }
    for index in file.remarks.indices { file.remarks[index].place = move(file.remarks[index].place) }
    for index in file.directives.indices {
      let directive = file.directives[index]
      file.directives[index].place = move(directive.place)
      // What speaks of the whole file there does not speak of the whole manifest.
      let line = directive.line ?? directive.place.line + 1
      file.directives[index].line = move(Place(path, line: line)).line
    }
    return file
  }
}

extension Written {
  fileprivate func moved(_ move: (Place) -> Place) -> Written {
    var copy = self
    copy.place = move(place)
    return copy
  }
}

extension Counted {
  fileprivate func moved(_ move: (Place) -> Place) -> Counted { Counted(value, at: move(place)) }
}

extension Application {
  fileprivate mutating func move(_ move: (Place) -> Place) {
    place = move(place)
    settings = settings.map { $0.moved(move) }
    processes = processes?.moved(move)
    for index in addresses.indices {
      addresses[index].place = move(addresses[index].place)
      addresses[index].options = addresses[index].options.map { $0.moved(move) }
    }
  }
}

extension Pooler {
  fileprivate mutating func move(_ move: (Place) -> Place) {
    place = move(place)
    settings = settings.map { $0.moved(move) }
    databases = databases.map {
      Entry(name: $0.name, settings: $0.settings.map { $0.moved(move) }, at: move($0.place))
    }
    users = users.map { Entry(name: $0.name, settings: $0.settings.map { $0.moved(move) }, at: move($0.place)) }
  }
}

extension Server {
  fileprivate mutating func move(_ move: (Place) -> Place) {
    place = move(place)
    settings = settings.map { $0.moved(move) }
    limits = limits.map { Limit($0.kind, $0.name, $0.connections.moved(move)) }
  }
}

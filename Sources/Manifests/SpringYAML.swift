import Configuration
import YAML

/// Spring's `application.yml`: keys of keys as one dotted name, lists as `name[0]`; the documents of a profile are laid
/// over those that always hold.
package enum SpringYAML {
  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    withoutActuallyEscaping(others) { others in
      var reader = SpringReader(bytes, path: path, others: others)
      reader.read()
      return reader.gathering.file
    }
  }

  /// `application.yml`, `application-prod.yaml`, `bootstrap.yml`.
  static func isName(_ name: String) -> Bool {
    guard let stem = stem(name) else { return false }
    return stem == "application" || stem == "bootstrap" || profile(ofStem: stem) != nil
  }

  static func stem(_ name: String) -> Substring? {
    for end in [".yml", ".yaml"] where name.hasSuffix(end) { return name.dropLast(end.count) }
    return nil
  }

  static func profile(ofStem stem: Substring) -> String? {
    for start in ["application-", "bootstrap-"] where stem.hasPrefix(start) && stem.count > start.count {
      return String(stem.dropFirst(start.count))
    }
    return nil
  }
}

struct SpringReader {
  private struct Setting {
    var name: String
    var item: Item
    var text: String
  }
  /// A document, as it is written.
  private struct Document {
    var profiles: [String]
    var settings: [Setting]
  }

  var gathering: Gathering
  private static let mostSettings = 5_000
  private static let mostProfiles = 50

  init(_ bytes: [UInt8], path: String, others: @escaping OtherFiles) {
    gathering = Gathering(bytes, path: path, .spring, others: others)
  }

  mutating func read() {
    var documents = gathering.documents.map(document)
    if let profile = profileOfName {
      for index in documents.indices where documents[index].profiles.isEmpty { documents[index].profiles = [profile] }
      documents = baseDocuments() + documents
    }
    var profiles: [String] = []
    for profile in documents.flatMap(\.profiles) where !profiles.contains(profile) { profiles.append(profile) }
    if profileOfName == nil, documents.contains(where: { $0.profiles.isEmpty }) { add(documents, profile: nil) }
    for profile in profiles.prefix(Self.mostProfiles) { add(documents, profile: profile) }
    if profiles.count > Self.mostProfiles {
      gathering.file.say(
        .fault, "only the first \(Self.mostProfiles) profiles are read", at: Place(gathering.file.path, line: 1))
    }
  }

  private var profileOfName: String? {
    SpringYAML.stem(ShellWords.fileName(gathering.file.path)).flatMap(SpringYAML.profile)
  }

  /// Those of the file that always holds, for one that is named after a profile.
  private mutating func baseDocuments() -> [Document] {
    let stem = ShellWords.fileName(gathering.file.path).prefix { $0 != "-" }
    for end in [".yml", ".yaml"] {
      let path = gathering.path(beside: stem + end)
      guard let bytes = gathering.others(path) else { continue }
      let base = Gathering(bytes, path: path, .spring, others: gathering.others)
      return base.documents.map(document).filter { $0.profiles.isEmpty || $0.profiles == [profileOfName] }
    }
    return []
  }

  // MARK: Documents

  private func document(_ item: Item) -> Document {
    var settings: [Setting] = []
    flatten(item, "", &settings)
    let names = ["spring.config.activate.on-profile", "spring.profiles"]
    let profiles = settings.filter { setting in
      names.contains { setting.name == $0 || setting.name.hasPrefix($0 + "[") }
    }
    // A name alone, or several with commas; an expression (`prod & eu`) stays one.
    let words = profiles.flatMap { $0.text.split(separator: ",").map { $0.filter { !$0.isWhitespace } } }
    return Document(profiles: words, settings: settings)
  }

  private func flatten(_ item: Item, _ name: String, _ settings: inout [Setting]) {
    guard settings.count < Self.mostSettings else { return }
    switch item.content {
    case .nothing: if !name.isEmpty { settings.append(Setting(name: name, item: item, text: "")) }
    case .text(let text): if !name.isEmpty { settings.append(Setting(name: name, item: item, text: text)) }
    case .list(let items): for (index, inner) in items.enumerated() { flatten(inner, name + "[\(index)]", &settings) }
    case .map(let fields):
      for field in fields {
        let isBracketed = field.name.hasPrefix("[")
        flatten(field.item, name.isEmpty || isBracketed ? name + field.name : name + "." + field.name, &settings)
      }
    }
  }

  private mutating func add(_ documents: [Document], profile: String?) {
    let holding = documents.filter { document in
      document.profiles.isEmpty || profile.map(document.profiles.contains) ?? false
    }
    var variables = Variables()
    for (setting, filled) in zip(holding.flatMap(\.settings), filled(holding.flatMap(\.settings))) {
      variables.set(setting.name, filled, at: setting.item.place, &gathering)
    }
    let path = gathering.file.path
    var application = Application(
      .settings, name: name(profile), at: Place(path, line: firstLine(holding, profile)))
    application.profiles = profile.map { [$0] } ?? []
    gathering.add(application, variables)
  }

  private func name(_ profile: String?) -> String {
    let path = gathering.file.path
    guard let profile, profile != profileOfName else { return path }
    return "\(path) (\(profile))"
  }

  private func firstLine(_ documents: [Document], _ profile: String?) -> Int {
    let own = documents.first { profile == nil || !$0.profiles.isEmpty }?.settings.first?.item.place
    return own.map { $0.file == gathering.file.path ? $0.line : 1 } ?? 1
  }

  // MARK: Placeholders

  /// A name stands for another setting of the file, which may hold placeholders itself; variables of the environment
  /// are not known. Each pass puts in what the one before made, so that a circle ends.
  private func filled(_ settings: [Setting]) -> [Filled] {
    guard settings.contains(where: { $0.text.utf8.contains(UInt8(ascii: "$")) }) else {
      return settings.map { Filled(text: $0.text) }
    }
    var values: [String: Filled] = [:]
    var filled: [Filled] = []
    for _ in 0..<Self.deepest {
      var interpolation = Interpolation(.spring)
      filled = settings.map { setting in interpolation.expand(setting.text) { values[$0] } }
      for (setting, value) in zip(settings, filled) {
        values[setting.name] = Redaction.isSecret(setting.name) ? Filled(text: Written.hidden) : value
      }
    }
    return filled
  }

  /// Settings that stand for settings.
  private static let deepest = 4
}

import Configuration

/// Chooses the reader of a file: by its name where that says enough, else by what stands in it. Never by a guess.
package enum ConfigurationReader {
  package enum Outcome: Sendable {
    case read(ConfigurationFile)
    /// It is no configuration that poolops reads: why, as a sentence without its full stop.
    case passedOver(String)
  }

  /// Whether a file is worth opening when a folder is gone through, by its name alone. Some of these turn out to be
  /// something else when they are read.
  package static func isRecognised(_ name: String) -> Bool {
    let name = ShellWords.fileName(name)
    if isSample(name) || isHelmValues(name) { return false }
    return TextReader(name: name) != nil || isOdyssey(name) || endings.contains { name.hasSuffix($0) }
  }

  /// Folders that hold what others wrote, or what was made from something else.
  package static func isWorthEntering(_ folder: String) -> Bool {
    let name = ShellWords.fileName(folder)
    return !skippedFolders.contains(name)
  }

  /// - Parameters:
  ///   - others: files that this one names.
  ///   - named: the person gave this very file: then samples and Helm's values are answered with a reason of their own,
  ///     and a file with a strange name is read by what stands in it.
  package static func read(
    _ bytes: [UInt8], path: String, others: OtherFiles, named: Bool = false
  ) -> Outcome {
    let name = ShellWords.fileName(path)
    if isSample(name), !named { return .passedOver("a sample, which no program reads") }
    if isHelmValues(name) {
      return .passedOver(
        "values of a Helm chart: what they mean is in its templates; render it first ('helm template')")
    }
    if let reader = TextReader(name: isSample(name) ? ".env" : name) {
      return .read(reader.read(bytes, path: path, others: others))
    }
    if isYAML(name) { return readYAML(bytes, path: path, others: others) }
    if isOdyssey(name) {
      return .passedOver("Odyssey's own configuration, which poolops does not read: its connections are not counted")
    }
    guard named || endings.contains(where: { name.hasSuffix($0) }) else {
      return .passedOver("its name is not that of a configuration")
    }
    return readUnnamed(bytes, path: path, others: others)
  }

  // MARK: By name

  private static let endings = [".yml", ".yaml", ".ini"]

  private static let skippedFolders: Set<String> = [
    ".git", ".hg", ".svn", "node_modules", ".venv", "venv", "site-packages", "__pycache__", ".tox", ".build", ".gradle",
    ".terraform", ".next",
  ]

  private static func isYAML(_ name: String) -> Bool { name.hasSuffix(".yml") || name.hasSuffix(".yaml") }

  /// `.env.example`: what a person copies and fills in.
  private static func isSample(_ name: String) -> Bool {
    guard name.hasPrefix(".env.") || name.hasPrefix("env.") || name.contains(".env.") else { return false }
    return ["example", "sample", "template", "dist", "tmpl", "schema"].contains { name.hasSuffix("." + $0) }
  }

  private static func isOdyssey(_ name: String) -> Bool { name.hasPrefix("odyssey") && name.hasSuffix(".conf") }

  /// `values.yaml`, `values-prod.yaml`.
  private static func isHelmValues(_ name: String) -> Bool {
    name == "values.yaml" || name == "values.yml" || name.hasPrefix("values-") && isYAML(name)
      || name.hasPrefix("values.") && isYAML(name)
  }

  // MARK: By content

  private static func readYAML(_ bytes: [UInt8], path: String, others: OtherFiles) -> Outcome {
    let name = ShellWords.fileName(path)
    if SpringYAML.isName(name) { return .read(SpringYAML.read(bytes, path: path, others: others)) }
    if isComposeName(name) { return .read(ComposeFile.read(bytes, path: path, others: others)) }
    if isKustomization(name) {
      return .read(KubernetesManifest.read(bytes, path: path, others: others))
    }
    let keys = RootKeys(bytes)
    if keys.contains("apiVersion"), keys.contains("kind") {
      guard KubernetesManifest.mentionsObject(bytes[...]) else {
        return .passedOver("Kubernetes objects of kinds that open no database connections")
      }
      return .read(KubernetesManifest.read(bytes, path: path, others: others))
    }
    if keys.contains("services") {
      // Other programs have services too: a Compose service has an image, or is built.
      guard holds(bytes, "image:") || holds(bytes, "build:") || holds(bytes, "extends:") else {
        return .passedOver("'services' without an image or a build: this is not a Compose file")
      }
      return .read(ComposeFile.read(bytes, path: path, others: others))
    }
    if keys.contains(where: { $0 == "spring" || $0.hasPrefix("spring.") }) {
      return .read(SpringYAML.read(bytes, path: path, others: others))
    }
    return .passedOver(
      "YAML of a kind that poolops does not read: no Kubernetes objects, Compose services or Spring settings")
  }

  private static func isComposeName(_ name: String) -> Bool {
    let starts = ["docker-compose.", "docker-compose-", "compose.", "compose-", "docker-stack."]
    return starts.contains { name.hasPrefix($0) }
  }

  private static func isKustomization(_ name: String) -> Bool {
    name == "kustomization.yaml" || name == "kustomization.yml"
  }

  /// An `.ini`, or a file that the person named: what stands in it decides.
  private static func readUnnamed(_ bytes: [UInt8], path: String, others: OtherFiles) -> Outcome {
    if holdsLine(bytes, "[pgbouncer]") { return .read(PgBouncerIni.read(bytes, path: path, others: others)) }
    if path.hasSuffix(".ini") { return .passedOver("an .ini file without a [pgbouncer] section") }
    if path.hasSuffix(".conf"), holdsSetting(bytes, "max_connections") {
      return .read(PostgreSQLConf.read(bytes, path: path, others: others))
    }
    if path.hasSuffix(".properties") { return .read(Properties.read(bytes, path: path, others: others)) }
    if path.hasSuffix(".toml") { return .read(TOMLFile.read(bytes, path: path, others: others)) }
    let keys = RootKeys(bytes)
    if keys.contains("apiVersion") || keys.contains("services") {
      return readYAML(bytes, path: path, others: others)
    }
    let address = ConnectionString.read(bytes, path: path, others: others)
    if !address.applications.isEmpty, address.remarks.isEmpty { return .read(address) }
    let environment = EnvironmentFile.read(bytes, path: path, others: others)
    let isReadable = environment.remarks.allSatisfy { $0.weight == .notice }
    if isReadable, environment.applications.contains(where: { !$0.settings.isEmpty }) { return .read(environment) }
    return .passedOver(
      "it is none of the formats that poolops reads: env file, pgbouncer.ini, postgresql.conf, properties, TOML, Spring, Compose, Kubernetes"
    )
  }

  private static func holds(_ bytes: [UInt8], _ word: StaticString) -> Bool { TemplateMark.contains(bytes[...], word) }

  private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.prefix(SourceText.longestFile).split { $0 == 0x0A || $0 == 0x0D }
  }

  private static func holdsLine(_ bytes: [UInt8], _ wanted: String) -> Bool {
    lines(bytes).contains { line in
      let rest = line.drop { $0 == 0x20 || $0 == 0x09 }
      return rest.starts(with: wanted.utf8)
    }
  }

  private static func holdsSetting(_ bytes: [UInt8], _ name: String) -> Bool {
    lines(bytes).contains { line in
      let rest = line.drop { $0 == 0x20 || $0 == 0x09 }
      guard rest.starts(with: name.utf8) else { return false }
      return rest.dropFirst(name.utf8.count).first.map { $0 == 0x20 || $0 == 0x3D || $0 == 0x09 } ?? false
    }
  }
}

/// The keys that stand at the margin of a YAML text, found without reading it.
struct RootKeys {
  private var keys: Set<String> = []

  init(_ bytes: [UInt8]) {
    for line in bytes.prefix(SourceText.longestFile).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard let first = line.first, first != UInt8(ascii: "#"), first != 0x20, first != 0x09 else { continue }
      // An object in JSON's manner has its keys within.
      if first == UInt8(ascii: "{") { addBraced(line) }
      guard let colon = line.firstIndex(of: 0x3A), keys.count < 1_000 else { continue }
      let key = line[..<colon].filter { $0 != 0x22 && $0 != 0x27 && $0 != 0x20 }
      if key.count < 100 { keys.insert(String(decoding: key, as: UTF8.self)) }
    }
  }

  private mutating func addBraced(_ line: ArraySlice<UInt8>) {
    for key in ["apiVersion", "kind", "services"] where line.count < 1 << 16 {
      let quoted = Array("\"\(key)\"".utf8)
      if line.indices.contains(where: { line[$0] == 0x22 && line[$0...].starts(with: quoted) }) { keys.insert(key) }
    }
  }

  func contains(_ key: String) -> Bool { keys.contains(key) }
  func contains(where matches: (String) -> Bool) -> Bool { keys.contains(where: matches) }
}

import Configuration
import Ecosystems
import Model

/// Puts the pools of one application together from its settings and addresses.
struct PoolAssembly {
  let application: ApplicationUse
  let options: AuditOptions
  private let named: [(name: SettingName, written: Configuration.Written)]

  init(_ application: ApplicationUse, _ options: AuditOptions) {
    self.application = application
    self.options = options
    named = application.settings.compactMap { written in
      written.isSecret ? nil : SettingName(written.name).map { ($0, written) }
    }
  }

  var pools: [PoolUse] {
    let addresses = self.addresses
    guard !addresses.isEmpty || named.contains(where: { $0.name.isAnchored && $0.name.isOfPool }) else { return [] }
    let roles = Set(addresses.map(\.role) + named.filter { $0.name.isOfPool }.map(\.name.role)).sorted()
    return roles.flatMap { role in pools(of: role, addresses.filter { $0.role == role }.map(\.address)) }
  }

  /// One for each address of the role; settings of the role, and those of no role where it has none of its own.
  private func pools(of role: String, _ addresses: [DatabaseAddress]) -> [PoolUse] {
    let places: [DatabaseAddress?] = addresses.isEmpty ? [nil] : addresses
    return places.enumerated().map { index, address in
      pool(role, address ?? self.addresses.first { $0.role.isEmpty }?.address, number: index, of: places.count)
    }
  }

  private func pool(_ role: String, _ address: DatabaseAddress?, number: Int, of count: Int) -> PoolUse {
    let mine = named.filter { $0.name.role == role || $0.name.role.isEmpty }
      .sorted { ($0.name.role == role ? 1 : 0) < ($1.name.role == role ? 1 : 0) }
    let kind = PoolKind(
      facts: application.facts, settings: application.settings, address: address, options: options,
      hasSettings: !mine.isEmpty)
    var reading = PoolReading(kind.ecosystem)
    for (name, written) in mine { reading.add(name, written) }
    if let ecosystem = kind.ecosystem {
      for written in application.settings { reading.addOwn(written, ecosystem) }
    }
    for option in address?.options ?? [] { reading.addParameter(option) }
    let label = count > 1 ? address?.name ?? "\(number + 1)" : role
    return PoolUse(
      name: label.isEmpty ? application.name : "\(application.name) (\(label))", application: application, role: label,
      ecosystem: kind.ecosystem, recognition: kind.recognition, settings: reading.settings, words: reading.words,
      maximum: PoolMaximum(reading, kind.ecosystem).value, address: address, target: .unknown(""))
  }

  /// Addresses of pools: none for migrations and shadow databases, and each place only once. Parts of an address make
  /// one where no whole one is written: else they are what that one is put together from.
  private var addresses: [(role: String, address: DatabaseAddress)] {
    var seen: Set<[String]> = []
    let parts = application.addresses.isEmpty ? AddressParts(application.settings).address : nil
    return (application.addresses + [parts].compactMap { $0 }).compactMap {
      let words = SettingName.words($0.name)
      guard !words.contains(where: Self.notPools.contains) else { return nil }
      let role = words.filter(SettingName.roles.contains).joined(separator: "_")
      let hosts = $0.hosts.map { "\($0.name):\($0.port)" }.joined(separator: ",")
      let destination = [role, hosts, $0.database ?? "", $0.user ?? ""]
      return seen.insert(destination).inserted ? (role, withUser($0)) : nil
    }
  }

  /// Spring and others write the user beside the address: `spring.datasource.username`.
  private func withUser(_ address: DatabaseAddress) -> DatabaseAddress {
    guard address.user == nil, address.name.lowercased().hasSuffix("url") else { return address }
    let name = address.name.dropLast(3) + (address.name.hasSuffix("URL") ? "USERNAME" : "username")
    var address = address
    address.user = application.setting(String(name)).flatMap { $0.isSecret ? nil : $0.text }
    return address
  }

  private static let notPools: Set<String> = [
    "DIRECT", "SHADOW", "MIGRATION", "MIGRATIONS", "MIGRATE", "TEST", "BACKUP",
  ]
}

extension SettingName {
  /// It makes a pool; a lone limit of statements or of opening a connection does not.
  var isOfPool: Bool {
    switch word {
    case .key(let key): key != .connectTimeout
    case .connectionTimeout: true
    case .other(let word): word == .overflow
    }
  }
}

/// An address that is written in parts: `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`.
struct AddressParts {
  let address: DatabaseAddress?

  init(_ settings: [Configuration.Written]) {
    var parts: [String: Configuration.Written] = [:]
    for setting in settings where !setting.isSecret {
      let words = SettingName.words(setting.name)
      guard words.count <= 3, let part = Self.part(words) else { continue }
      parts[part] = setting
    }
    guard let host = parts["HOST"], host.placeholders.isEmpty, !host.text.isEmpty else { address = nil; return }
    let port = parts["PORT"].flatMap { Int($0.text) } ?? 5432
    address = DatabaseAddress(
      name: host.name, scheme: "postgresql", hosts: [.init(host.text, port: port)], database: parts["NAME"]?.text,
      user: parts["USER"]?.text, at: host.place)
  }

  private static func part(_ words: [String]) -> String? {
    let joined = words.joined()
    if let part = whole[joined] { return part }
    guard words.count == 2, ["DB", "DATABASE", "POSTGRES", "POSTGRESQL"].contains(words[0]) else { return nil }
    return ends[words[1]]
  }

  private static let whole = [
    "PGHOST": "HOST", "PGPORT": "PORT", "PGDATABASE": "NAME", "PGUSER": "USER",
  ]
  private static let ends = [
    "HOST": "HOST", "HOSTNAME": "HOST", "SERVER": "HOST", "PORT": "PORT", "NAME": "NAME", "DB": "NAME",
    "DATABASE": "NAME", "USER": "USER", "USERNAME": "USER",
  ]
}

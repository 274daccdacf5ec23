import Configuration

typealias Filled = Interpolation.Outcome

/// The one place where texts of a manifest become settings, without their secrets.
enum SettingText {
  static func written(_ name: String, _ filled: Filled, at place: Place) -> Written {
    Redaction.written(
      name, filled.text, at: place, placeholders: filled.placeholders, isFallback: filled.isFallback)
  }
}

/// The variables of a container, with the database addresses among them.
struct Variables {
  private(set) var settings: [Written] = []
  private(set) var addresses: [DatabaseAddress] = []
  private var latest: [String: Int] = [:]
  /// More than any program reads.
  private static let most = 5_000

  mutating func set(_ name: String, _ filled: Filled, at place: Place, _ gathering: inout Gathering) {
    guard add(SettingText.written(name, filled, at: place)), filled.text.utf8.count > 8 else { return }
    guard
      let reading = ConnectionString.read(filled.text, name: name, at: place, placeholders: filled.placeholders)
    else { return }
    for remark in reading.remarks { gathering.file.say(remark.weight, remark.text, at: remark.place) }
    if let address = reading.address { addresses.append(address) }
  }

  /// A secret whose value is somewhere else.
  mutating func hide(_ name: String, at place: Place) { add(Written(name, "", at: place, isSecret: true)) }

  /// Settings and addresses that were read elsewhere.
  mutating func add(_ settings: [Written], _ addresses: [DatabaseAddress]) {
    for setting in settings { add(setting) }
    self.addresses += addresses
  }

  /// What was set before under this name counts no longer.
  @discardableResult
  private mutating func add(_ setting: Written) -> Bool {
    guard settings.count < Self.most else { return false }
    if latest.updateValue(settings.count, forKey: setting.name) != nil {
      addresses.removeAll { $0.name == setting.name }
    }
    settings.append(setting)
    return true
  }

  subscript(_ name: String) -> Written? { latest[name].map { settings[$0] } }

  /// What a placeholder of this name stands for.
  func filled(_ name: String) -> Filled? {
    self[name].map { Filled(text: $0.text, placeholders: $0.placeholders, isFallback: $0.isFallback) }
  }
}

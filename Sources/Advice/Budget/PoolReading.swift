import Configuration
import Ecosystems
import Model

/// Reads written settings as one kind of pool would; where the kind is not known, counts are read and times have no unit.
struct PoolReading {
  let ecosystem: Ecosystem?
  var settings: [SettingKey: PoolSetting] = [:]
  var words: [PoolWord: Configuration.Written] = [:]
  /// The end of the name that gave the size, in upper case without separators.
  var sizeTail = ""

  init(_ ecosystem: Ecosystem?) { self.ecosystem = ecosystem }

  mutating func add(_ name: SettingName, _ written: Configuration.Written) {
    switch name.word {
    case .key(let key):
      if key == .maxSize { sizeTail = name.tail }
      settings[key] = setting(key, written, unit: name.unit)
    case .connectionTimeout:
      if let key = connectionTimeout { settings[key] = setting(key, written, unit: name.unit) }
    case .other(let word): words[word] = written
    }
  }

  /// Of the wait where the pool says so, of the opening elsewhere; nil where the pool is not known.
  private var connectionTimeout: SettingKey? {
    guard let ecosystem else { return nil }
    let waits = ecosystem.dialect(of: .acquireTimeout).map { dialect in
      SettingName.words(dialect.name).joined().contains("CONNECTIONTIMEOUT")
    }
    return waits == true ? .acquireTimeout : .connectTimeout
  }

  /// A setting by a name that only this kind of pool has, whole or behind a section or a word for the database.
  mutating func addOwn(_ written: Configuration.Written, _ ecosystem: Ecosystem) {
    guard !written.isSecret, SettingName(written.name) == nil else { return }
    let tails = OwnNames.tails(ecosystem)
    guard let name = SettingName(words: SettingName.words(written.name), tails: tails), name.isAnchored else { return }
    add(name, written)
  }

  /// A parameter of the address, by its exact name.
  mutating func addParameter(_ written: Configuration.Written) {
    if let ecosystem, let key = OwnNames.key(of: written.name, ecosystem) {
      if key == .maxSize { sizeTail = "" }
      settings[key] = setting(key, written, unit: nil)
      // The pool itself reads it here: a number alone is none of Go's durations.
      if ecosystem.dialect(of: key)?.unit == .goDuration, let number = Double(written.text), number != 0 {
        settings[key]?.meaning = .refused(accepted: "a number with its unit, such as 30s")
      }
    } else if written.name == "prepareThreshold" {
      words[.prepareThreshold] = written
    }
  }

  private func setting(_ key: SettingKey, _ written: Configuration.Written, unit: Double?) -> PoolSetting {
    let reader = ValueReader(key: key, text: written.text, nameUnit: unit, ecosystem: ecosystem)
    var setting = PoolSetting(key: key, written: written, unit: reader.unit, meaning: reader.meaning)
    if !written.placeholders.isEmpty { setting.meaning = .placeholder }
    return setting
  }
}

/// The names of an ecosystem's settings, as the ends of names and exactly.
enum OwnNames {
  static func tails(_ ecosystem: Ecosystem) -> [String: SettingName.Word] { byID[ecosystem.id] ?? made(ecosystem) }

  private static let byID = Dictionary(
    Ecosystem.all.map { ($0.id, made($0)) }, uniquingKeysWith: { first, _ in first })

  private static func made(_ ecosystem: Ecosystem) -> [String: SettingName.Word] {
    var tails: [String: SettingName.Word] = [:]
    for key in SettingKey.allCases {
      for name in names(key, ecosystem) { tails[SettingName.words(name).joined()] = .key(key) }
    }
    return tails
  }

  static func key(of name: String, _ ecosystem: Ecosystem) -> SettingKey? {
    SettingKey.allCases.first { names($0, ecosystem).contains(name) }
  }

  private static func names(_ key: SettingKey, _ ecosystem: Ecosystem) -> [String] {
    ecosystem.dialect(of: key).map { [$0.name] + $0.aliases } ?? []
  }
}

/// Understands one value: its unit from the name, from the value itself, or from the kind of pool.
struct ValueReader {
  let key: SettingKey
  let text: String
  /// Seconds of one step, where the name says so.
  let nameUnit: Double?
  let ecosystem: Ecosystem?

  var unit: PoolSetting.UnitSource {
    if case .duration = key.kind {
      if nameUnit != nil || Duration(text: text) != nil { return .written }
      guard let dialect, dialect.unit != .duration, dialect.unit != .goDuration else { return .unknown }
      return .ecosystem(dialect.unit)
    }
    return .count
  }

  private var dialect: Dialect? { ecosystem?.dialect(of: key) }

  var meaning: PoolSetting.Meaning {
    if let ecosystem, case .absent(_, let nearest) = ecosystem[key] { return .absent(nearest: nearest) }
    switch (unit, dialect) {
    case (.unknown, _): return Double(text).map { .number($0) } ?? .refused(accepted: "a number, or one with its unit")
    case (.written, let dialect): return duration(dialect)
    case (_, let dialect?): return meaning(dialect.read(text, as: key), dialect)
    case (_, nil): return count
    }
  }

  private func duration(_ dialect: Dialect?) -> PoolSetting.Meaning {
    let seconds = nameUnit.flatMap { unit in Double(text).map { $0 * unit } }
    guard let duration = seconds.flatMap(Self.duration) ?? Duration(text: text) else {
      return .refused(accepted: "a number")
    }
    if let dialect { return meaning(dialect.read(amount: duration.nanoseconds, as: key), dialect) }
    return duration > .zero ? .value(.duration(duration)) : .untranslatable("what 0 means depends on the pool")
  }

  private static func duration(_ seconds: Double) -> Duration? {
    seconds.isFinite && seconds.magnitude < 1e9 ? .ofSeconds(seconds) : nil
  }

  private var count: PoolSetting.Meaning {
    guard let count = Int(text) else { return .refused(accepted: "a whole number") }
    if case .count(let minimum, _) = key.kind, count >= minimum, count <= 1_000_000 { return .value(.count(count)) }
    return .untranslatable("what it means depends on the pool")
  }

  private func meaning(_ understood: Understood, _ dialect: Dialect) -> PoolSetting.Meaning {
    switch understood {
    case .value(let value): .value(value)
    case .replaced(let value): .replaced(value, dialect.replacing(value, key))
    case .untranslatable(let sentence): .untranslatable(sentence)
    case .refused(let accepted): .refused(accepted: accepted)
    }
  }
}

/// How many connections one pool may open.
struct PoolMaximum {
  let value: PoolUse.Maximum

  init(_ reading: PoolReading, _ ecosystem: Ecosystem?) {
    if let written = reading.settings[.maxSize] {
      value = Self.written(written, reading, ecosystem)
    } else if let ecosystem {
      value = Self.standard(reading, ecosystem)
    } else {
      value = .unknown("no size is written, and which pool it is, is not known")
    }
  }

  private static func written(
    _ setting: PoolSetting, _ reading: PoolReading, _ ecosystem: Ecosystem?
  ) -> PoolUse.Maximum {
    let origin = Origin.written(setting.written.place)
    let text = "\(setting.written.name)=\(setting.written.text)"
    switch setting.meaning {
    case .value(.unlimited), .replaced(.unlimited, _): return .unlimited(origin)
    case .value(.count(let count)), .replaced(.count(let count), _):
      return withOverflow(count, origin, reading, ecosystem)
    case .placeholder:
      return .unknown("\(setting.written.name) is \(setting.written.text), which nothing gives a value")
    case .refused(let accepted): return .unknown("\(text) is refused: accepted is \(accepted)")
    case .untranslatable(let sentence): return .unknown("\(text): \(sentence)")
    case .value, .replaced, .number, .absent: return .unknown("\(text) is no size")
    }
  }

  private static func withOverflow(
    _ count: Int, _ origin: Origin, _ reading: PoolReading, _ ecosystem: Ecosystem?
  ) -> PoolUse.Maximum {
    guard let addend = ecosystem?.dialect(of: .maxSize)?.addend else { return .known(Sourced(count, origin), sum: nil) }
    let written = reading.words[.overflow]
    // A size by another name than the pool's own may be the whole: the overflow counts only when it is written.
    let isOwn = reading.sizeTail.isEmpty || reading.sizeTail.hasSuffix("POOLSIZE")
    guard isOwn || written != nil else { return .known(Sourced(count, origin), sum: nil) }
    guard let more = written.map({ Int($0.text) }) ?? addend.standard else {
      return .unknown("\(written?.name ?? addend.name) is no number")
    }
    if more < 0 { return .unlimited(written.map { .written($0.place) } ?? origin) }
    let sum = more == 0 ? nil : "(\(count) + \(more) overflow\(written == nil ? " by default" : ""))"
    return .known(Sourced(count + more, origin), sum: sum)
  }

  private static func standard(_ reading: PoolReading, _ ecosystem: Ecosystem) -> PoolUse.Maximum {
    let origin = Origin.standard(ecosystem.title)
    guard case .setting(let dialect) = ecosystem[.maxSize] else { return .unknown("\(ecosystem.title) has no size") }
    switch dialect.standard {
    case .value(.count(let count)):
      if let addend = dialect.addend, reading.words[.overflow] != nil {
        return withOverflow(count - addend.standard, origin, reading, ecosystem)
      }
      return .known(Sourced(count, origin), sum: nil)
    case .value: return .unlimited(origin)
    case .required: return .unknown("\(dialect.name) is not written in the files, and has no default")
    case .computed(let rule):
      if rule == ecosystem.dialect(of: .minSize)?.name {
        let least = reading.settings[.minSize]?.count ?? ecosystem.standard(of: .minSize)?.asCount
        if let least { return .known(Sourced(least, origin), sum: nil) }
      }
      return .unknown("\(dialect.name) is not written; its default is \(rule)")
    }
  }
}

extension SettingValue {
  var asCount: Int? { if case .count(let count) = self { count } else { nil } }
  var asDuration: Duration? { if case .duration(let duration) = self { duration } else { nil } }
}

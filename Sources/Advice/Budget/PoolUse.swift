import Configuration
import Ecosystems
import Model

/// One pool of one application: how large it may grow, in how many copies, and what it connects to.
package struct PoolUse: Hashable, Sendable {
  /// The application's name, and what tells its pools apart where it has several: `api`, `api (READ)`.
  package var name: String
  package var application: ApplicationUse
  /// What tells it from the application's other pools, in the words of its settings' names; empty for the main one.
  package var role: String
  /// nil: what kind of pool it is does not follow from anything.
  package var ecosystem: Ecosystem?
  package var recognition: Recognition
  package var settings: [SettingKey: PoolSetting]
  /// Settings beside the neutral ones that rules look at.
  package var words: [PoolWord: Configuration.Written]
  /// The most connections of one process.
  package var maximum: Maximum
  package var address: DatabaseAddress?
  package var target: Target

  package var copies: Copies { application.copies }

  /// Where to look first: its size, else its address, else the application.
  package var place: Place { settings[.maxSize]?.written.place ?? address?.place ?? application.place }

  /// What it connects to.
  package enum Target: Hashable, Sendable {
    /// By its index in the landscape, and why it is this one where that was not written.
    case pooler(Int, assumed: String?)
    case server(Int, assumed: String?)
    /// Its address, or nothing at all, is known, and it is none of the servers and poolers that were read.
    case unknown(String)
  }

  /// How the kind of pool was found out.
  package enum Recognition: Hashable, Sendable {
    case directive(Place)
    case option
    /// Settings that only this kind has.
    case ownNames([Configuration.Written])
    /// The scheme or a parameter of its address.
    case address(String, Place)
    /// The names are the same for every kind.
    case genericNames
    /// Only that there is an address.
    case addressOnly

    package var text: String {
      switch self {
      case .directive(let place): "named at \(place)"
      case .option: "named by --pool"
      case .ownNames(let settings): "by its name \(settings.first?.name ?? "")"
      case .address(let what, _): "by \(what) in its address"
      case .genericNames: "its names are every pool's: which pool it is, is not known"
      case .addressOnly: "only its address is known"
      }
    }
  }

  package enum Maximum: Hashable, Sendable {
    /// The sum in words where it is one: `5 + 10 overflow`.
    case known(Sourced<Int>, sum: String?)
    case unlimited(Origin)
    /// Why it is not known, a sentence without its full stop.
    case unknown(String)

    package var count: Int? {
      if case .known(let count, _) = self { count.value } else { nil }
    }
  }
}

/// One setting of a pool: what is written, and what the pool makes of it.
package struct PoolSetting: Hashable, Sendable {
  package var key: SettingKey
  package var written: Configuration.Written
  /// Where the unit comes from.
  package var unit: UnitSource
  package var meaning: Meaning

  package enum UnitSource: Hashable, Sendable {
    case count
    /// It stands in the name or in the value: `_MS`, `30s`.
    case written
    /// The pool counts so, and the application is taken to hand the value over as it is.
    case ecosystem(Unit)
    case unknown
  }

  package enum Meaning: Hashable, Sendable {
    case value(SettingValue)
    /// The pool silently uses another value; the sentence says which rule.
    case replaced(SettingValue, String)
    /// Accepted, and no neutral value says what it means: the sentence.
    case untranslatable(String)
    /// Not accepted: what is.
    case refused(accepted: String)
    /// A number whose unit is not known.
    case number(Double)
    /// A placeholder stands where the value should.
    case placeholder
    /// This kind of pool has no such setting: the nearest means.
    case absent(nearest: String)
  }

  /// The value in force, where it is known.
  package var value: SettingValue? {
    switch meaning {
    case .value(let value), .replaced(let value, _): value
    case .untranslatable, .refused, .number, .placeholder, .absent: nil
    }
  }

  package var duration: Duration? {
    if case .duration(let duration) = value { duration } else { nil }
  }

  package var count: Int? {
    if case .count(let count) = value { count } else { nil }
  }
}

/// What settings say beside the neutral ones.
package enum PoolWord: String, CaseIterable, Hashable, Sendable {
  case overflow = "max_overflow"
  case statementTimeout = "statement_timeout"
  case validationTimeout = "validation_timeout"
  /// Of a cached statement, not of a connection.
  case statementLifetime = "max_cached_statement_lifetime"
  case getMode = "getmode"
  case prepareThreshold = "prepare_threshold"
}

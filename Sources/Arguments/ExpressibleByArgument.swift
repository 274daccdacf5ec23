/// A type that one word of the command line can be turned into.
package protocol ExpressibleByArgument: ArgumentValue {
  /// nil when the word is no such value; the parser then says what would be.
  init?(argument: String)

  /// How help writes a default.
  var defaultValueDescription: String { get }

  /// Every accepted word, when they can be listed; help and error sentences show them.
  static var allValueStrings: [String] { get }

  /// What is accepted when it cannot be listed: ends the sentence "Give …".
  static var acceptedForm: String? { get }
}

extension ExpressibleByArgument {
  package var defaultValueDescription: String { "\(self)" }
  package static var allValueStrings: [String] { [] }
  package static var acceptedForm: String? { nil }
}

extension ExpressibleByArgument where Self: CaseIterable {
  package static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
}

extension ExpressibleByArgument where Self: RawRepresentable, RawValue: ExpressibleByArgument {
  package init?(argument: String) {
    guard let raw = RawValue(argument: argument) else { return nil }
    self.init(rawValue: raw)
  }

  package var defaultValueDescription: String { rawValue.defaultValueDescription }
}

extension ExpressibleByArgument where Self: LosslessStringConvertible {
  package init?(argument: String) { self.init(argument) }
}

extension String: ExpressibleByArgument {}

extension Int: ExpressibleByArgument {
  package static var acceptedForm: String? { "a whole number" }
}

extension Double: ExpressibleByArgument {
  /// Finite numbers only: "nan" and "inf" are no rate, ratio or size.
  package init?(argument: String) {
    guard let value = Double(argument), value.isFinite else { return nil }
    self = value
  }

  package static var acceptedForm: String? { "a number" }
}

extension Bool: ExpressibleByArgument {
  package static var acceptedForm: String? { "true or false" }
}

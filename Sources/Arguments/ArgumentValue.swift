/// What a property of an `@Argument` or `@Option` can be: one value, an optional one, or an array of them.
///
/// Conform to `ExpressibleByArgument`, not to this.
package protocol ArgumentValue {
  static var conversion: Conversion<Self> { get }
}

/// How words become a property's value.
package struct Conversion<Value> {
  /// The value when no word gives one and no default is declared; nil makes the argument required.
  var absent: Value?
  var repeats = false
  /// nil when the word is no such value.
  var convert: (String) -> Value?
  /// Joins an earlier value and a later one of a repeated argument.
  var join: (Value, Value) -> Value = { $1 }
  var describe: (Value) -> String? = { _ in nil }
  var allValues: [String] = []
  var acceptedForm: String?
}

extension ExpressibleByArgument {
  package static var conversion: Conversion<Self> {
    Conversion(
      absent: nil, convert: { Self(argument: $0) }, describe: \.defaultValueDescription, allValues: allValueStrings,
      acceptedForm: acceptedForm)
  }
}

extension Optional: ArgumentValue where Wrapped: ExpressibleByArgument {
  package static var conversion: Conversion<Wrapped?> { Wrapped.conversion.optional }
}

extension Array: ArgumentValue where Element: ExpressibleByArgument {
  package static var conversion: Conversion<[Element]> { Element.conversion.array }
}

extension Conversion {
  var optional: Conversion<Value?> {
    Conversion<Value?>(
      absent: .some(nil), convert: { word in convert(word).map { .some($0) } }, describe: { $0.flatMap(describe) },
      allValues: allValues, acceptedForm: acceptedForm)
  }

  var array: Conversion<[Value]> {
    Conversion<[Value]>(
      absent: nil, repeats: true, convert: { word in convert(word).map { [$0] } }, join: { $0 + $1 },
      describe: { values in values.isEmpty ? nil : values.compactMap(describe).joined(separator: ", ") },
      allValues: allValues, acceptedForm: acceptedForm)
  }
}

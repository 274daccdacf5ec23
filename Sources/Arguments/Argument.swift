/// A value given by its place: `poolops run show RUN`.
///
/// Required unless the property has a default or is optional. An array takes all the remaining words and comes last.
@propertyWrapper
package struct Argument<Value>: ArgumentSource {
  private var storage: ConvertedStorage<Value>

  private init(_ initial: Value?, _ conversion: Conversion<Value>, _ help: ArgumentHelp?) {
    storage = ConvertedStorage(initial, conversion, help)
  }

  /// Lets a bare `@Argument` find the initializers of the extensions, which the compiler looks for only after this one.
  @available(*, unavailable, message: "the type does not conform to ExpressibleByArgument")
  package init() { fatalError("unavailable") }

  package var wrappedValue: Value {
    get { storage.value }
    set { storage.value = newValue }
  }

  func definitions(key: String) -> [Definition] {
    [storage.definition(.positional, key: key, names: [])]
  }
}

extension Argument where Value: ArgumentValue {
  package init(help: ArgumentHelp? = nil) { self.init(nil, Value.conversion, help) }

  package init(wrappedValue: Value, help: ArgumentHelp? = nil) { self.init(wrappedValue, Value.conversion, help) }
}

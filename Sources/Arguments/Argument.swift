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
  @available(*, unavailable, message: "the type conforms to ExpressibleByArgument, or a transform is given")
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

/// With `transform`, whose error completes the sentence "The value '…' is invalid for '…': ".
extension Argument {
  package init(
    help: ArgumentHelp? = nil, transform: @escaping (String) throws -> Value
  ) {
    self.init(nil, Conversion(transform: transform), help)
  }

  package init(
    wrappedValue: Value, help: ArgumentHelp? = nil, transform: @escaping (String) throws -> Value
  ) {
    self.init(wrappedValue, Conversion(transform: transform), help)
  }

  package init<T>(
    help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T
  ) where Value == T? {
    self.init(nil, Conversion(transform: transform).optional, help)
  }

  package init<T>(
    wrappedValue: T?, help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T
  ) where Value == T? {
    self.init(wrappedValue, Conversion(transform: transform).optional, help)
  }

  package init<T>(
    help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T
  ) where Value == [T] {
    self.init(nil, Conversion(transform: transform).array, help)
  }

  package init<T>(
    wrappedValue: [T], help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T
  ) where Value == [T] {
    self.init(wrappedValue, Conversion(transform: transform).array, help)
  }
}

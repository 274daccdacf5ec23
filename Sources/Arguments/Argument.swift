/// A value given by its place: `poolops run show RUN`.
///
/// Required unless the property has a default or is optional. An array takes all the remaining words and comes last.
@propertyWrapper
package struct Argument<Value>: ArgumentSource {
  private var storage: ConvertedStorage<Value>

  private init(_ initial: Value?, _ conversion: Conversion<Value>, _ help: ArgumentHelp?) {
    storage = ConvertedStorage(initial, conversion, help)
  }

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
  package init(help: ArgumentHelp? = nil, transform: @escaping (String) throws -> Value) {
    self.init(nil, Conversion(convert: transform), help)
  }

  package init(wrappedValue: Value, help: ArgumentHelp? = nil, transform: @escaping (String) throws -> Value) {
    self.init(wrappedValue, Conversion(convert: transform, describe: { "\($0)" }), help)
  }

  package init<T>(help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T) where Value == T? {
    self.init(nil, Conversion(convert: transform).optional, help)
  }

  package init<T>(
    wrappedValue: [T], help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T
  ) where Value == [T] {
    self.init(wrappedValue, Conversion(convert: transform, describe: { "\($0)" }).array, help)
  }
}

/// A named value: `--rate 50`, `--rate=50`, `-r 50`.
///
/// Required unless the property has a default or is optional. An array collects every occurrence; for anything else the
/// last occurrence counts.
@propertyWrapper
package struct Option<Value>: ArgumentSource {
  private var storage: ConvertedStorage<Value>
  private let name: NameSpecification

  private init(
    _ initial: Value?, _ conversion: Conversion<Value>, _ name: NameSpecification, _ help: ArgumentHelp?
  ) {
    storage = ConvertedStorage(initial, conversion, help)
    self.name = name
  }

  package var wrappedValue: Value {
    get { storage.value }
    set { storage.value = newValue }
  }

  func definitions(key: String) -> [Definition] {
    [storage.definition(.option, key: key, names: name.names(key: key))]
  }
}

extension Option where Value: ArgumentValue {
  package init(name: NameSpecification = .long, help: ArgumentHelp? = nil) {
    self.init(nil, Value.conversion, name, help)
  }

  package init(wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp? = nil) {
    self.init(wrappedValue, Value.conversion, name, help)
  }
}

/// With `transform`, whose error completes the sentence "The value '…' is invalid for '…': ".
extension Option {
  package init(
    name: NameSpecification = .long, help: ArgumentHelp? = nil, transform: @escaping (String) throws -> Value
  ) {
    self.init(nil, Conversion(convert: transform), name, help)
  }

  package init(
    wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp? = nil,
    transform: @escaping (String) throws -> Value
  ) {
    self.init(wrappedValue, Conversion(convert: transform, describe: { "\($0)" }), name, help)
  }

  package init<T>(
    name: NameSpecification = .long, help: ArgumentHelp? = nil, transform: @escaping (String) throws -> T
  ) where Value == T? {
    self.init(nil, Conversion(convert: transform).optional, name, help)
  }

  package init<T>(
    wrappedValue: [T], name: NameSpecification = .long, help: ArgumentHelp? = nil,
    transform: @escaping (String) throws -> T
  ) where Value == [T] {
    self.init(wrappedValue, Conversion(convert: transform, describe: { "\($0)" }).array, name, help)
  }
}

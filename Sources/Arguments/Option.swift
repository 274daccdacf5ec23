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

  /// Lets a bare `@Option` find the initializers of the extensions, which the compiler looks for only after this one.
  @available(*, unavailable, message: "the type does not conform to ExpressibleByArgument")
  package init() { fatalError("unavailable") }

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

/// A switch that is off unless named: `--json`, `-v`, and together `-vq`.
@propertyWrapper
package struct Flag: ArgumentSource {
  private var box: Box<Bool>
  private let name: NameSpecification
  private let help: ArgumentHelp

  /// - Parameter wrappedValue: The value without the flag: false, since a flag can only turn something on.
  package init(wrappedValue: Bool, name: NameSpecification = .long, help: ArgumentHelp? = nil) {
    precondition(!wrappedValue, "a flag turns something on, so its default is false")
    box = Box(wrappedValue)
    self.name = name
    self.help = help ?? ArgumentHelp()
  }

  package var wrappedValue: Bool {
    get { box.value ?? false }
    set { box = Box(newValue) }
  }

  func definitions(key: String) -> [Definition] {
    [
      Definition(
        kind: .flag, key: key, names: name.names(key: key), help: help, isRequired: false, repeats: false,
        store: { [box] _ in
          box.value = true
          return true
        })
    ]
  }
}

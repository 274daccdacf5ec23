/// Arguments that several commands share.
@propertyWrapper
package struct OptionGroup<Value: ParsableArguments>: ArgumentSource {
  private var box: Box<Value>
  private let title: String

  /// - Parameter title: The heading of the group's options in help; without one they stand among the command's own.
  package init(title: String = "") {
    box = Box(Value())
    self.title = title
  }

  package var wrappedValue: Value {
    get { box.value ?? Value() }
    set { box = Box(newValue) }
  }

  func definitions(key: String) -> [Definition] {
    Arguments.definitions(of: wrappedValue).map { definition in
      var definition = definition
      if !title.isEmpty { definition.section = title }
      return definition
    }
  }

  func validateGroup() throws {
    guard var value = box.value else { return }
    try validateWithGroups(&value)
    box.value = value
  }
}

/// The storage behind a wrapper, reached by reflection while parsing.
final class Box<Value> {
  var value: Value?
  /// Whether a word gave the value, so that the first word of a repeated option replaces the default.
  var isGiven = false

  init(_ value: Value?) { self.value = value }
}

/// The common part of `@Argument` and `@Option`.
struct ConvertedStorage<Value> {
  private(set) var box: Box<Value>
  private let conversion: Conversion<Value>
  private let help: ArgumentHelp

  init(_ initial: Value?, _ conversion: Conversion<Value>, _ help: ArgumentHelp?) {
    box = Box(initial ?? conversion.absent)
    self.conversion = conversion
    self.help = help ?? ArgumentHelp()
  }

  var value: Value {
    get {
      guard let value = box.value else { preconditionFailure("an argument was read before the words were parsed") }
      return value
    }
    // A new box, so that a copy of a command keeps its own value.
    set { box = Box(newValue) }
  }

  func definition(_ kind: Definition.Kind, key: String, names: [Name]) -> Definition {
    Definition(
      kind: kind, key: key, names: names, help: help, isRequired: box.value == nil, repeats: conversion.repeats,
      defaultText: box.value.flatMap(conversion.describe), allValues: conversion.allValues,
      acceptedForm: conversion.acceptedForm, store: { [box, conversion] in conversion.add($0, to: box) },
      isMissing: { [box] in box.value == nil })
  }
}

extension Conversion {
  fileprivate func add(_ word: String, to box: Box<Value>) -> Bool {
    guard let value = convert(word) else { return false }
    box.value = if box.isGiven, let earlier = box.value { join(earlier, value) } else { value }
    box.isGiven = true
    return true
  }
}

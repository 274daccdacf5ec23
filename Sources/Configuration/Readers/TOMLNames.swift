/// Which names a TOML file has given to what, and so which may not be given again.
struct TOMLNames {
  private enum Kind: Equatable {
    case value
    /// By its own `[header]`.
    case table
    /// By the header of a table inside it: it may still get one of its own.
    case implied
    /// By keys with dots, which may add to it until the next header.
    case dotted(header: Int)
    case elements(Int)
  }

  private var kinds: [String: Kind] = [:]
  private var header = 0

  /// The path of a table for its `[header]`, with the numbers of elements; nil when it may not stand there.
  mutating func table(_ key: [String]) -> [String]? {
    guard var path = parent(of: key), let last = key.last else { return nil }
    path.append(last)
    let name = Self.joined(path)
    guard kinds[name] == nil || kinds[name] == .implied else { return nil }
    kinds[name] = .table
    header += 1
    return path
  }

  /// The path of the next element for its `[[header]]`; nil when it may not stand there.
  mutating func element(_ key: [String]) -> [String]? {
    guard var path = parent(of: key), let last = key.last else { return nil }
    path.append(last)
    let name = Self.joined(path)
    var count = 0
    switch kinds[name] {
    case nil: break
    case .elements(let before): count = before
    default: return nil
    }
    kinds[name] = .elements(count + 1)
    header += 1
    return path + ["\(count)"]
  }

  /// The path of a value; nil when it may not stand there.
  mutating func value(_ key: [String], in table: [String]) -> [String]? {
    var path = table
    for part in key.dropLast() {
      path.append(part)
      let name = Self.joined(path)
      switch kinds[name] {
      case nil, .implied: kinds[name] = .dotted(header: header)
      case .dotted(let other) where other == header: break
      default: return nil
      }
    }
    path += key.suffix(1)
    let name = Self.joined(path)
    guard kinds[name] == nil else { return nil }
    kinds[name] = .value
    return path
  }

  private mutating func parent(of key: [String]) -> [String]? {
    var path: [String] = []
    for part in key.dropLast() {
      path.append(part)
      let name = Self.joined(path)
      switch kinds[name] {
      case nil: kinds[name] = .implied
      case .value: return nil
      case .elements(let count): path.append("\(count - 1)")
      default: break
      }
    }
    return path
  }

  private static func joined(_ path: [String]) -> String { path.joined(separator: "\u{1F}") }
}

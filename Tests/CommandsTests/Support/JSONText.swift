import FoundationEssentials

/// Any JSON, to see that a text is one, and to look into it.
indirect enum JSONText: Decodable {
  case null, bool(Bool), number(Double), string(String), array([JSONText]), object([String: JSONText])

  static func parse(_ text: String) throws -> JSONText {
    try JSONDecoder().decode(JSONText.self, from: Data(text.utf8))
  }

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() { self = .null; return }
    if let bool = try? value.decode(Bool.self) { self = .bool(bool); return }
    if let number = try? value.decode(Double.self) { self = .number(number); return }
    if let string = try? value.decode(String.self) { self = .string(string); return }
    if let array = try? value.decode([JSONText].self) { self = .array(array); return }
    self = .object(try value.decode([String: JSONText].self))
  }

  var array: [JSONText] { if case .array(let items) = self { items } else { [] } }
  var string: String? { if case .string(let text) = self { text } else { nil } }
  subscript(key: String) -> JSONText? { if case .object(let fields) = self { fields[key] } else { nil } }
}

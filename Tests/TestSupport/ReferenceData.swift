import FoundationEssentials

/// Files with expected values, committed beside the tests that read them.
package struct ReferenceData: Sendable {
  private let folder: String

  /// - Parameter folder: a folder beside the calling source file.
  package init(folder: String, beside file: String = #filePath) {
    let parent = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    self.folder = parent + "/" + folder
  }

  package func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
  }

  package func json<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(text(name).utf8))
  }

  /// The rows of a file of numbers whose first line names the columns.
  package func table(_ name: String) throws -> [[String: Double]] {
    let lines = try text(name).split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
    guard let columns = lines.first else { throw ReferenceDataError(file: name, line: 1) }
    return try lines.enumerated().dropFirst().map { number, cells in
      let values = cells.compactMap { Double($0) }
      guard values.count == columns.count else { throw ReferenceDataError(file: name, line: number + 1) }
      return Dictionary(uniqueKeysWithValues: zip(columns, values))
    }
  }
}

/// A line is not what its file's first line says.
package struct ReferenceDataError: Error {
  package let file: String
  package let line: Int
}

/// Within `relative` of the expected value, or within `absolute`, which is for values that stand for 0.
package func isClose(
  _ value: Double?, _ expected: Double?, relative: Double = 1e-6, absolute: Double = 1e-12
) -> Bool {
  guard let value, let expected else { return value == nil && expected == nil }
  return abs(value - expected) <= max(relative * abs(expected), absolute)
}

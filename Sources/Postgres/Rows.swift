internal import CPostgres

/// The rows of a result, as text; SQL's null is nil.
package struct Rows: Hashable, Sendable {
  package var columns: [String]
  package var values: [[String?]]

  package init(columns: [String], values: [[String?]]) {
    self.columns = columns
    self.values = values
  }

  package var count: Int { values.count }
  package var isEmpty: Bool { values.isEmpty }

  /// The value in `row` of the column called `name`; nil for null and for a column that is not there, because
  /// catalogs and consoles gain and lose columns from version to version.
  package subscript(row: Int, name: String) -> String? {
    guard values.indices.contains(row), let column = columns.firstIndex(of: name) else { return nil }
    return values[row][column]
  }

  /// The first column of the first row.
  package var scalar: String? { values.first?.first ?? nil }

  init(_ result: OpaquePointer) {
    let width = PQnfields(result)
    columns = (0..<width).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
    values = (0..<PQntuples(result)).map { row in
      (0..<width).map { column in
        PQgetisnull(result, row, column) == 1 ? nil : PQgetvalue(result, row, column).map { String(cString: $0) }
      }
    }
  }
}

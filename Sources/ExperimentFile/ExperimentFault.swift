import YAML

/// One thing that is wrong in an experiment file, and where.
package struct ExperimentFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var path: String
  /// From 1. Columns count characters.
  package var line: Int
  package var column: Int
  /// The user's word, what is wrong with it, and what is accepted.
  package var message: String
  package init(path: String, line: Int, column: Int, message: String) {
    self.path = path
    self.line = line
    self.column = column
    self.message = message
  }
  package var description: String { "\(path):\(line):\(column): \(message)" }
}

/// All that is wrong in an experiment file, in the order of the file. Never empty.
package struct ExperimentFaults: Error, Hashable, Sendable, CustomStringConvertible {
  package var faults: [ExperimentFault]
  /// One line a fault.
  package var description: String { faults.map(\.description).joined(separator: "\n") }
}

extension ExperimentFaults {
  /// What a reader found in the file at `path`, put in the order of the file.
  init(_ found: [(mark: Mark, message: String)], path: String) {
    let ordered = found.enumerated().sorted { ($0.element.mark, $0.offset) < ($1.element.mark, $1.offset) }
    faults = ordered.map { _, fault in
      ExperimentFault(path: path, line: fault.mark.line, column: fault.mark.column, message: fault.message)
    }
  }
}

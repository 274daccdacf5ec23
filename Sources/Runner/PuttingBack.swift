import Model

/// The two halves of an undo, as a rollback and `recover` carry them out.
extension Undo {
  /// How long a target may take until what was written to it is in force.
  package static let patience = Duration.seconds(10)

  /// Puts back what was there before, unless somebody else changed it since.
  ///
  /// - Parameter force: put it back also then.
  /// - Returns: what was found, and so what was done.
  package func putBack(_ target: any TargetPort, force: Bool = false) throws(Failure) -> Decision {
    let decision = decide(current: try target.snapshot())
    switch decision {
    case .restore: try target.revert(to: original)
    case .conflict: if force { try target.revert(to: original) }
    case .alreadyBack:
      // The text may have been put back by one that died before it made it work.
      // One that does not answer may have been stopped for its restart.
      let found = try? target.confirm(original, within: .zero)
      if found?.differences.isEmpty != true { try target.revert(to: original) }
    }
    return decision
  }

  /// Reads the target once more: what it holds, and what is in force.
  @discardableResult
  package func confirm(_ target: any TargetPort) throws(Failure) -> InForce {
    guard isBack(try target.snapshot()) else {
      throw Failure(.rollbackUnverified, "\(locator) does not hold what it held before")
    }
    let found = try target.confirm(original, within: Self.patience)
    let differences = found.differences
    guard differences.isEmpty else {
      throw Failure(
        .rollbackUnverified, "\(locator) holds what it held before, but it is not in force: \(differences.sentence)")
    }
    return found
  }
}

extension InForce {
  /// `max_size 20, acquire_timeout 30s, and 4 more`; nil where nothing is told.
  var told: String? {
    let values = values.filter { $0.match == .equal }.compactMap { value in value.found.map { "\(value.name) \($0)" } }
    guard !values.isEmpty else { return nil }
    let rest = values.count > 4 ? ", and \(values.count - 3) more" : ""
    return values.prefix(rest.isEmpty ? 4 : 3).joined(separator: ", ") + rest
  }
}

extension [InForce.Value] {
  /// `max_size is 20, wanted 50 (SHOW CONFIG); ...`
  package var sentence: String {
    map { "\($0.name) is \($0.found ?? "not told"), wanted \($0.wanted) (\($0.source))" }.joined(separator: "; ")
  }
}

extension Undo {
  package func isOf(_ port: any TargetPort) -> Bool { port.kind == target && port.locator == locator }

  var conflict: Failure {
    Failure(
      .rollbackUnverified, "\(locator) was changed by somebody else since; it was not overwritten",
      hint: "Look at it, then type 'poolops experiment recover --force' to put back what was there before.")
  }
}

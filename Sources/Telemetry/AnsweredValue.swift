import Model

/// Single values of an answer, whatever they mean: for settings that are read back.
package enum AnsweredValue {
  /// The text of the value at a place such as `pool.max`, a number as it stands there; nil when there is none, or no single one.
  package static func json(_ place: String, in body: [UInt8]) -> String? {
    guard let place = JSONPlace(place), let tree = try? JSONText.read(body), let values = try? place.values(in: tree),
      values.count == 1
    else { return nil }
    return switch values[0] {
    case .number(let text), .string(let text): text
    case .bool(let value): value ? "true" : "false"
    case .null, .array, .object: nil
    }
  }

  /// The value of the only series that a selector such as `db_max{pool="orders"}` selects, whole numbers without a fraction.
  package static func metric(_ selector: String, in body: [UInt8]) -> String? {
    guard let selector = MetricSelector(selector) else { return nil }
    let page = PrometheusText(body) { $0 == selector.name }
    let found = page.samples.filter(selector.selects)
    guard page.isComplete, found.count == 1, let sample = found.first else { return nil }
    return decimal(sample.value, places: 6)
  }
}

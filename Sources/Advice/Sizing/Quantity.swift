/// What a figure counts or measures: exponents of the base units. `requests/s` is one request by minus one second.
package struct Dimension: Hashable, Sendable {
  package enum Base: Int, CaseIterable, Hashable, Sendable {
    case connection, request, user, thread, core, spindle, byte, second

    /// Time is measured; everything else here is counted, so that a purist leaves it out of the unit.
    fileprivate var isCount: Bool { self != .second && self != .byte }

    fileprivate func name(_ exponent: Int, alone: Bool) -> String {
      let text =
        switch self {
        case .second: "s"
        case .byte: "bytes"
        default: alone ? "\(self)s" : "\(self)"
        }
      return exponent == 1 ? text : "\(text)^\(exponent)"
    }
  }

  /// Without zeros, so that equal dimensions are equal.
  private var exponents: [Base: Int]

  private init(_ exponents: [Base: Int]) { self.exponents = exponents.filter { $0.value != 0 } }

  package init(_ base: Base) { self.init([base: 1]) }

  package static let pure = Dimension([:])
  package static let time = Dimension(.second)
  package static let connections = Dimension(.connection)
  package static let users = Dimension(.user)
  package static let memory = Dimension(.byte)
  package static let rate = Dimension(.request) / .time

  package static func * (left: Dimension, right: Dimension) -> Dimension {
    Dimension(left.exponents.merging(right.exponents, uniquingKeysWith: +))
  }
  package static func / (left: Dimension, right: Dimension) -> Dimension {
    Dimension(left.exponents.merging(right.exponents.mapValues { -$0 }, uniquingKeysWith: +))
  }

  /// The same with all counts taken as plain numbers: `connections/s` becomes `1/s`.
  package var withoutCounts: Dimension { Dimension(exponents.filter { !$0.key.isCount }) }

  /// `connections`, `requests/s`, `1/s`; empty for a plain number.
  package var text: String {
    let above = part { $0 > 0 }
    let below = part { $0 < 0 }
    guard !below.isEmpty else { return above.map { $0.name($1, alone: true) }.joined(separator: " x ") }
    let front = above.isEmpty ? "1" : above.map { $0.name($1, alone: true) }.joined(separator: " x ")
    return front + below.map { "/" + $0.name(-$1, alone: false) }.joined()
  }

  private func part(_ belongs: (Int) -> Bool) -> [(Base, Int)] {
    Base.allCases.compactMap { base in exponents[base].flatMap { belongs($0) ? (base, $0) : nil } }
  }
}

/// A figure with its unit, in base units (seconds, bytes). A sum of unlike units is refused, not made.
package struct Quantity: Hashable, Sendable {
  package var value: Double
  package var dimension: Dimension

  package init(_ value: Double, _ dimension: Dimension) {
    self.value = value
    self.dimension = dimension
  }

  /// Seconds and requests cannot be added.
  package struct Mismatch: Error, Hashable, Sendable, CustomStringConvertible {
    package var left: Dimension
    package var right: Dimension
    package var description: String { "'\(left.text)' and '\(right.text)' cannot be added" }
  }

  package static func * (left: Quantity, right: Quantity) -> Quantity {
    Quantity(left.value * right.value, left.dimension * right.dimension)
  }
  package static func / (left: Quantity, right: Quantity) -> Quantity {
    Quantity(left.value / right.value, left.dimension / right.dimension)
  }
  package static func + (left: Quantity, right: Quantity) throws(Mismatch) -> Quantity {
    guard left.dimension == right.dimension else { throw Mismatch(left: left.dimension, right: right.dimension) }
    return Quantity(left.value + right.value, left.dimension)
  }
  package static func - (left: Quantity, right: Quantity) throws(Mismatch) -> Quantity {
    try left + Quantity(-right.value, right.dimension)
  }

  /// A request holds one connection at a time.
  package static let connectionPerRequest = Quantity(1, .connections / Dimension(.request))
  /// A user waits for the answer before the next request.
  package static let requestPerUser = Quantity(1, Dimension(.request) / .users)
}

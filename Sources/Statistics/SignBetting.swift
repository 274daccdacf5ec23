import Glibc

/// Evidence from the signs of paired differences, exact at any time: a gambler who bets on the next sign.
///
/// Where a coin decides the order within each pair, the signs are fair coins when nothing has changed, whatever the sizes,
/// the drift and the tails. A stake that depends only on the size of the next difference and on the past then wins
/// nothing on average; capital of 1/alpha is reached with a chance of at most alpha, whenever one looks (Ville).
package enum SignBetting {
  /// How eagerly the stakes grow with the size of a difference; the capital is shared evenly among them.
  private static let eagerness = [0.5, 1, 2]
  /// Never everything: a single loss must leave something to go on with.
  private static let largestStake = 0.98

  /// The capital after all differences, from 1. Half of it bets on plus, half on minus: both directions are found.
  package static func evidence(_ differences: [Double]) -> Double {
    let capitals = eagerness.flatMap { eagerness in
      [1.0, -1.0].map { capital(differences, eagerness: eagerness, side: $0) }
    }
    return capitals.reduce(0, +) / Double(capitals.count)
  }

  private static func capital(_ differences: [Double], eagerness: Double, side: Double) -> Double {
    var capital = 1.0
    var squares = 0.0
    for (index, difference) in differences.enumerated() {
      let size = abs(difference)
      // The first difference is its own scale: its size says nothing about its sign.
      let scale = index > 0 ? (squares / Double(index)).squareRoot() : size
      let stake = scale > 0 ? largestStake * tanh(eagerness * size / scale) : (size > 0 ? largestStake : 0)
      if difference != 0 { capital *= 1 + side * stake * (difference > 0 ? 1 : -1) }
      squares += size * size
    }
    return capital
  }
}

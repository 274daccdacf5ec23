import Glibc

/// Gamma and beta functions, as far as the distributions here need them.
enum SpecialFunctions {
  static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return unsafe lgamma_r(x, &sign)
  }

  static func logBeta(_ a: Double, _ b: Double) -> Double {
    logGamma(a) + logGamma(b) - logGamma(a + b)
  }

  /// I_x(a, b), the distribution function of Beta(a, b): DLMF 8.17.22.
  static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast only on this side of the mean.
    guard x <= (a + 1) / (a + b + 2) else { return 1 - regularizedBeta(1 - x, b, a) }
    let front = exp(a * log(x) + b * log1p(-x) - logBeta(a, b)) / a
    return front / continuedFraction { betaTerm($0, x, a, b) }
  }

  private static func betaTerm(_ n: Int, _ x: Double, _ a: Double, _ b: Double) -> (numerator: Double, Double) {
    let m = Double(n / 2)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return (n.isMultiple(of: 2) ? even : odd, 1)
  }

  /// Q(a, x), the upper tail of Gamma(a): for whole a, P(Poisson(x) < a).
  static func regularizedGammaQ(_ a: Double, _ x: Double) -> Double {
    x < a + 1 ? -expm1(logRegularizedGammaP(a, x)) : gammaTail(a, x)
  }

  /// ln P(a, x), the lower tail of Gamma(a); its logarithm, because it is multiplied by huge factors.
  static func logRegularizedGammaP(_ a: Double, _ x: Double) -> Double {
    guard x > 0 else { return -.infinity }
    guard x < a + 1 else { return log1p(-gammaTail(a, x)) }
    return a * log(x) - x - logGamma(a + 1) + log(gammaSeries(a, x))
  }

  /// 1 + x/(a+1) + x²/((a+1)(a+2)) + …: DLMF 8.7.1.
  private static func gammaSeries(_ a: Double, _ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    var divisor = a
    while term > sum * .ulpOfOne {
      divisor += 1
      term *= x / divisor
      sum += term
    }
    return sum
  }

  /// DLMF 8.9.2, in its even form; for x >= a + 1.
  private static func gammaTail(_ a: Double, _ x: Double) -> Double {
    let fraction = continuedFraction(from: x + 1 - a) { n in
      (-Double(n) * (Double(n) - a), x + 2 * Double(n) + 1 - a)
    }
    return exp(a * log(x) - x - logGamma(a)) / fraction
  }

  /// b0 + a1/(b1 + a2/(b2 + …)) by the modified Lentz method.
  private static func continuedFraction(
    from start: Double = 1, _ term: (Int) -> (numerator: Double, denominator: Double)
  ) -> Double {
    let tiny = 1e-300
    var value = start == 0 ? tiny : start
    var c = value
    var d = 0.0
    for n in 1...100_000 {
      let (numerator, denominator) = term(n)
      d = denominator + numerator * d
      c = denominator + numerator / c
      d = 1 / (d == 0 ? tiny : d)
      c = c == 0 ? tiny : c
      value *= c * d
      if abs(c * d - 1) < 2 * .ulpOfOne { break }
    }
    return value
  }

  /// The least x in the range with `isBeyond(x)`, by bisection; it must be false, then true, as x grows.
  static func threshold(_ range: ClosedRange<Double>, _ isBeyond: (Double) -> Bool) -> Double {
    var low = range.lowerBound
    var high = range.upperBound
    for _ in 0..<256 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if isBeyond(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// As `threshold`, for x >= 0 and a first guess of its size.
  static func threshold(startingAt guess: Double, _ isBeyond: (Double) -> Bool) -> Double {
    var high = guess
    while !isBeyond(high), high < .greatestFiniteMagnitude / 2 { high *= 2 }
    return threshold(0...high, isBeyond)
  }
}

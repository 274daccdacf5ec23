package import Model
package import Statistics

extension Distribution {
  /// One value.
  package func draw(_ random: inout RandomSource) -> Double {
    switch self {
    case .constant(let value): value
    case .uniform(let low, let high): low + (high - low) * random.uniform()
    case .exponential(let mean): random.exponential(mean: mean)
    }
  }

  /// What is left of a period that somebody enters at a random moment: its length is drawn in proportion to itself,
  /// and the moment falls evenly into it. Users who start so are in equilibrium from the first second;
  /// an even spread over the mean period would bring 10 % too many requests at first.
  package func drawResidual(_ random: inout RandomSource) -> Double {
    switch self {
    case .constant(let value): return value * random.uniform()
    case .exponential(let mean): return random.exponential(mean: mean)
    case .uniform(let low, let high):
      let squared = low * low + random.uniform() * (high * high - low * low)
      return squared.squareRoot() * random.uniform()
    }
  }

  /// `draw` of seconds as nanoseconds, at least 0 and at most a year.
  package func drawNanoseconds(_ random: inout RandomSource) -> Int64 { nanoseconds(draw(&random)) }

  func drawResidualNanoseconds(_ random: inout RandomSource) -> Int64 { nanoseconds(drawResidual(&random)) }

  private func nanoseconds(_ seconds: Double) -> Int64 { Int64(min(max(seconds, 0), 31_536_000) * 1e9) }
}

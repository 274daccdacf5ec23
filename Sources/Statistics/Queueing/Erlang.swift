/// Erlang's formulas for `servers` and an offered load in erlangs (arrival rate times mean service time).
package enum Erlang {
  /// Erlang B: the share of arrivals lost when nobody waits.
  package static func b(servers: Int, load: Double) -> Double {
    precondition(servers >= 0 && load >= 0, "servers and load are not negative")
    guard servers > 0 else { return 1 }
    return (1...servers).reduce(1) { blocked, k in load * blocked / (Double(k) + load * blocked) }
  }

  /// Erlang C: the share of arrivals that wait; nil when the load is not below the number of servers.
  package static func c(servers: Int, load: Double) -> Double? {
    guard load < Double(servers) else { return nil }
    let blocked = b(servers: servers, load: load)
    return blocked / (1 - load / Double(servers) * (1 - blocked))
  }
}

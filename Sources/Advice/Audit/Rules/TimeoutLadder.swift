import Configuration
import Ecosystems
import Model

/// Timeouts that end the outer wait before the inner one.
struct TimeoutLadder: AuditCheck {
  let rule = AuditRule(
    "timeout-ladder", "The inner timeout ends before the outer one", .warning,
    why: """
      Whoever waits inside has to give up before whoever waits outside does, or nobody learns why: acquire and statement before the load \
      balancer, the pool's own idle time before the pooler's and the server's, the wait for a connection before query_wait_timeout, a \
      liveness test before the wait that it is part of (HikariConfig.java: validationTimeout below connectionTimeout).
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.flatMap { pool in
      let ladder = Ladder(pool: pool, landscape: landscape, rule: rule)
      return [ladder.upstream, ladder.queryWait, ladder.clientIdle, ladder.idleSession, ladder.validation]
        .compactMap { $0 }
    } + landscape.pgBouncers.compactMap { poolerIdle($0, landscape) }
  }

  /// The pooler's own connections, against the server that ends idle sessions.
  private func poolerIdle(_ pooler: PoolerUse, _ landscape: Landscape) -> Finding? {
    guard let index = pooler.pools.compactMap(\.server).first,
      let (limit, parameter) = landscape.servers[index].idleSession
    else { return nil }
    let written = pooler.setting("server_idle_timeout")
    let seconds = pooler.pooler.number("server_idle_timeout")?.value ?? 600
    guard seconds == 0 || Duration.seconds(seconds) >= limit else { return nil }
    let wanted = "\(max(1, Int(limit.seconds / 2)))"
    let fix =
      written.map { landscape.fix($0, to: wanted) }
      ?? landscape.addition("server_idle_timeout", wanted, beside: pooler.place)
    return Finding(
      rule, at: written?.place ?? pooler.place,
      """
      \(pooler.name) keeps idle server connections for \(seconds == 0 ? "ever" : "\(seconds) s") \
      (server_idle_timeout\(written == nil ? " by default" : "")), and the server ends them after \(limit.text) (idle_session_timeout)
      """, fix: fix, related: [.init(parameter.place, "idle_session_timeout is \(parameter.text)")])
  }
}

extension ServerUse {
  /// `idle_session_timeout`, where it is not 0.
  var idleSession: (Duration, Configuration.Written)? { duration("idle_session_timeout") }

  /// A parameter in PostgreSQL's words, where it is above 0.
  func duration(_ name: String) -> (Duration, Configuration.Written)? {
    guard let written = setting(name), let amount = Unit.serverMilliseconds.amount(written.text), amount > 0 else {
      return nil
    }
    return (.nanoseconds(amount), written)
  }
}

/// The timeouts of one pool and of what is around it.
private struct Ladder {
  let pool: PoolUse
  let landscape: Landscape
  let rule: AuditRule

  /// The wait for a connection, where the pool is known to end it.
  private var acquire: Duration? { effective(.acquireTimeout) }

  private func effective(_ key: SettingKey) -> Duration? {
    guard let setting = pool.settings[key] else { return pool.ecosystem?.standard(of: key)?.asDuration }
    return setting.duration
  }

  private func said(_ key: SettingKey, _ duration: Duration) -> String {
    pool.settings[key]?.said ?? "\(pool.ecosystem?.dialect(of: key)?.name ?? key.rawValue) by default, \(duration.text)"
  }

  private func place(_ key: SettingKey) -> Place { pool.settings[key]?.written.place ?? pool.place }

  private func fix(_ key: SettingKey, _ duration: Duration) -> Finding.Fix? {
    guard duration > .zero, let setting = pool.settings[key], let text = setting.text(duration) else { return nil }
    return landscape.fix(setting, of: pool, to: text)
  }

  /// The statement's limit where its unit is known: its name's, or the server's.
  private var statement: (Duration, String)? {
    if let written = pool.words[.statementTimeout], let step = SettingName(written.name)?.unit,
      let amount = Double(written.text), amount > 0
    {
      return (.ofSeconds(amount * step), "\(written.name)=\(written.text)")
    }
    guard case .server(let index, _) = pool.target,
      let (limit, written) = landscape.servers[index].duration("statement_timeout")
    else { return nil }
    return (limit, "\(written.name) = \(written.text)")
  }

  var upstream: Finding? {
    guard let limit = landscape.options.upstreamTimeout, let acquire else { return nil }
    let statement = statement
    let whole = acquire + (statement?.0 ?? .zero)
    guard whole >= limit else { return nil }
    let and = statement.map { " and \($0.1)" } ?? ""
    let room = limit - (statement?.0 ?? .zero)
    return Finding(
      rule, at: place(.acquireTimeout),
      """
      \(pool.name): \(said(.acquireTimeout, acquire))\(and) may take \(whole.text), and who calls gives up after \(limit.text): it never \
      sees the error
      """, fix: fix(.acquireTimeout, .seconds(Int64((room.seconds * 0.8).rounded(.down)))))
  }

  var queryWait: Finding? {
    guard let pooler = landscape.pooler(of: pool), let acquire else { return nil }
    let limit = pooler.pooler.number("query_wait_timeout")?.value ?? 120
    guard limit > 0, acquire >= .seconds(limit) else { return nil }
    let written = pooler.setting("query_wait_timeout")
    return Finding(
      rule, at: place(.acquireTimeout),
      """
      \(pool.name): \(said(.acquireTimeout, acquire)) is not below \(pooler.name)'s query_wait_timeout \(limit) s\
      \(written == nil ? " (default)" : ""): the pooler closes the connection before the application gives up
      """, fix: fix(.acquireTimeout, .seconds(Int64(max(1, limit / 2)))),
      related: written.map { [.init($0.place, "query_wait_timeout \($0.text)")] } ?? [])
  }

  /// The pooler ends idle clients that the application's pool keeps.
  var clientIdle: Finding? {
    guard let pooler = landscape.pooler(of: pool), let written = pooler.setting("client_idle_timeout"),
      let limit = Int(written.text), limit > 0
    else { return nil }
    return idle(above: .seconds(limit), whose: "\(pooler.name) closes idle clients", written)
  }

  /// The server ends idle sessions that the application's pool keeps.
  var idleSession: Finding? {
    guard case .server(let index, _) = pool.target, let (limit, written) = landscape.servers[index].idleSession else {
      return nil
    }
    return idle(above: limit, whose: "the server ends idle sessions", written)
  }

  private func idle(above limit: Duration, whose: String, _ written: Configuration.Written) -> Finding? {
    guard let own = idleValue, own.map({ $0 >= limit }) ?? true else { return nil }
    let kept = own.map { said(.idleTimeout, $0) } ?? pool.settings[.idleTimeout]?.said ?? "no idle timeout"
    return Finding(
      rule, at: place(.idleTimeout),
      """
      \(pool.name): \(kept), and \(whose) after \(limit.text) (\(written.name)): the pool hands out connections that are closed already
      """, fix: fix(.idleTimeout, .ofSeconds((limit.seconds / 2).rounded(.down))),
      related: [.init(written.place, "\(written.name) is \(written.text)")])
  }

  /// How long the pool keeps idle connections; the inner nil: for ever. The outer nil: not known.
  private var idleValue: Duration?? {
    let value = pool.settings[.idleTimeout].map(\.value) ?? pool.ecosystem?.standard(of: .idleTimeout)
    switch value {
    case .duration(let duration)?: return .some(duration)
    case .unlimited?: return .some(nil)
    default: return nil
    }
  }

  var validation: Finding? {
    guard let ecosystem = pool.ecosystem, ["hikaricp", "spring-hikaricp"].contains(ecosystem.id), let acquire else {
      return nil
    }
    let written = pool.words[.validationTimeout]
    guard let limit = written.map({ Int($0.text) }) ?? 5000, Duration.milliseconds(limit) >= acquire else { return nil }
    let wanted = "\(max(250, acquire.nanoseconds / 2_000_000))"
    let fix = written.map { landscape.fix($0, to: wanted) }
    return Finding(
      rule, .note, at: written?.place ?? place(.acquireTimeout),
      """
      \(pool.name): validationTimeout, \(limit) ms\(written == nil ? " by default" : ""), is not below the wait for a connection, \
      \(acquire.text), which it is part of
      """, fix: fix)
  }
}

internal import Model
internal import Postgres

extension LoadGenerator {
  func startSQL() throws(LoadError) -> RunningLoad {
    guard let server = plan.server else { preconditionFailure("a load of statements has a server") }
    try requireDescriptors(plan.settings.maxSize)
    let load = plan.load
    let session = LoadSession(
      statementTimeout: load.statementTimeout, isReadOnly: !load.writes, statementCache: plan.settings.statementCache,
      statements: load.transactions.count, usesLibpq: plan.usesLibpq, captures: load.capturedColumns)
    let begin: @Sendable () -> SQLAttempt = { SQLAttempt(server, session) }
    do throws(ConnectFault) {
      try tryConnecting(begin(), timeout: plan.settings.connectTimeout)
    } catch {
      throw LoadError(error)
    }
    return try RunningLoad(plan, connecting: begin) { SQLCarrier($0.load, connections: $0.settings.maxSize) }
  }
}

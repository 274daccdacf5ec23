internal import Glibc
internal import HTTP
internal import Model

extension LoadGenerator {
  /// The pool of an app is the app's own. The connections to the app are kept as in a pool without limits of time.
  func startHTTP(_ http: HTTPLoadSpec) throws(LoadError) -> RunningLoad {
    if http.isSecure || http.version == .http2 {
      throw LoadError(
        code: .system, message: "a load over https:// or HTTP/2 is not carried yet; let it go to the app over http://")
    }
    var client = plan
    client.settings = PoolSettings(client: http, shape: plan.load.shape)
    try requireDescriptors(client.settings.maxSize)
    let templates: HTTPTemplates
    let server: HTTPServer
    do throws(ConnectFault) {
      templates = try HTTPTemplates(plan.load, http) { getenv($0).map { String(cString: $0) } }
      // Whatever is wrong with the requests is told now, not by a loop.
      _ = try templates.requests()
      server = try HTTPServer(reaching: templates.base)
      try tryConnecting(HTTPAttempt(server), timeout: http.connectTimeout)
    } catch {
      throw LoadError(error)
    }
    return try RunningLoad(client, connecting: { HTTPAttempt(server) }) { part throws(ConnectFault) in
      try HTTPCarrier(part.load, templates, connections: part.settings.maxSize)
    }
  }
}

extension HTTPServer {
  fileprivate convenience init(reaching base: HTTPBase) throws(ConnectFault) {
    do throws(HTTPFault) { try self.init(base) } catch { throw ConnectFault(error) }
  }
}

extension PoolSettings {
  /// Connections kept to an app: for each user one, or 100 in an open loop, unless the file says how many.
  fileprivate init(client http: HTTPLoadSpec, shape: LoadShape) {
    self.init()
    maxSize = http.connections ?? shape.users ?? 100
    acquireTimeout = nil
    idleTimeout = nil
    maxLifetime = nil
    connectTimeout = http.connectTimeout
  }
}

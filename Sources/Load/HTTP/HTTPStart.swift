internal import Glibc
internal import HTTP
internal import Model

extension LoadGenerator {
  /// The pool of an app is the app's own. The connections to the app are kept as in a pool without limits of time.
  func startHTTP(_ http: HTTPLoadSpec) throws(LoadError) -> RunningLoad {
    let http = http.resolved(for: plan.load)
    var client = plan
    client.load.carrier = .http(http)
    client.settings = PoolSettings(client: http, plan.load.shape)
    let templates = try templates(http)
    return try http.isSecure ? startSecure(client, http, templates) : startPlain(client, http, templates)
  }

  private func templates(_ http: HTTPLoadSpec) throws(LoadError) -> HTTPTemplates {
    let templates = try HTTPTemplates(plan.load, http) { getenv($0).map { String(cString: $0) } }
    // Whatever is wrong with the requests is told now, not by a loop.
    do throws(ConnectFault) { _ = try templates.requests() } catch { throw LoadError(error) }
    return templates
  }

  private func startPlain(
    _ client: LoadPlan, _ http: HTTPLoadSpec, _ templates: HTTPTemplates
  ) throws(LoadError) -> RunningLoad {
    try requireDescriptors(client.settings.maxSize)
    let server: HTTPServer
    do throws(ConnectFault) {
      server = try HTTPServer(reaching: templates.base)
      try tryConnecting(HTTPAttempt(server), timeout: http.connectTimeout)
    } catch {
      throw LoadError(error)
    }
    return try RunningLoad(client, connecting: { HTTPAttempt(server) }) { part throws(ConnectFault) in
      try HTTPCarrier(part.load, templates, connections: part.settings.maxSize)
    }
  }

  private func startSecure(
    _ client: LoadPlan, _ http: HTTPLoadSpec, _ templates: HTTPTemplates
  ) throws(LoadError) -> RunningLoad {
    // A place for a request has a descriptor, too.
    try requireDescriptors(client.settings.maxSize + (http.connections ?? 0))
    do throws(HTTPFault) {
      try CurlSetup(templates.base, http, client.load).tryConnecting()
    } catch {
      throw LoadError(ConnectFault(error))
    }
    return try RunningLoad(client, connecting: { CurlPlace() }) { part throws(ConnectFault) in
      try CurlCarrier(part, templates)
    }
  }
}

extension HTTPServer {
  fileprivate convenience init(reaching base: HTTPBase) throws(ConnectFault) {
    do throws(HTTPFault) { try self.init(base) } catch { throw ConnectFault(error) }
  }
}

extension HTTPLoadSpec {
  /// With what the file leaves open: connections for the shape and, where requests share them, as few on each as all of them allow.
  func resolved(for load: LoadSpec) -> HTTPLoadSpec {
    var resolved = self
    let connections = connections(for: load.shape, threads: load.threads)
    resolved.connections = connections
    resolved.streams = version == .http2 ? streams : 1
    if version == .http2, let users = load.shape.users {
      resolved.streams = min(streams, max((users + connections - 1) / connections, 1))
    }
    return resolved
  }
}

extension PoolSettings {
  /// - Parameter http: resolved. As many requests at a time as its connections carry.
  fileprivate init(client http: HTTPLoadSpec, _ shape: LoadShape) {
    self.init()
    maxSize = (http.connections ?? 1) * http.streams
    if http.version == .http2, let users = shape.users { maxSize = min(maxSize, max(users, 1)) }
    acquireTimeout = nil
    idleTimeout = nil
    maxLifetime = nil
    connectTimeout = http.connectTimeout
  }
}

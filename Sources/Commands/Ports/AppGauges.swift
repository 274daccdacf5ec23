import EventLoop
import Model
import Probes
import Runner

/// The gauges of the app under load, where an experiment names them.
struct AppGauges {
  let endpoint: PoolEndpoint
  /// Of the process: for the token.
  let variables: [String: String]

  /// Begins to ask. What the app answers, and whether, is seen later.
  func open(every interval: Duration = .seconds(1)) throws(Failure) -> AppPool {
    var token: String?
    if let name = endpoint.tokenVariable {
      token = variables[name]
      guard let token, !token.isEmpty else {
        throw Failure(
          .badConfiguration, "the environment variable \(name), named by gauges.token_env, is not set",
          hint: "Set it to the bearer token that the app's endpoint wants.")
      }
    }
    do throws(PageFault) {
      let source = try HTTPPages(userAgent: "poolops/\(Poolops.version)", caFile: endpoint.caFile)
      do throws(SystemError) { return try AppPool(endpoint, source: source, token: token, every: interval) } catch {
        throw PageFault(error.description)
      }
    } catch {
      throw Failure(.unreachable, "the app's pool cannot be asked: \(error)")
    }
  }
}

import Model
import Monitor
import Telemetry

/// The pools of an app, from its endpoint: each pool of the answer by itself.
package final class AppSource: SourceReader {
  private let endpoint: PoolEndpoint
  private let reader: PoolReader
  private let pages: any PageSource
  private let token: String?
  private let timeout: AcquireTimeout

  /// - Parameters:
  ///   - token: a bearer token; never shown.
  ///   - timeout: its longest wait for a connection, where that is known.
  package init(
    _ endpoint: PoolEndpoint, pages: any PageSource, token: String? = nil, timeout: AcquireTimeout = .notTold
  ) {
    self.endpoint = endpoint
    self.timeout = timeout
    self.pages = pages
    self.token = token
    reader = PoolReader(endpoint)
  }

  package func read() throws(SourceFault) -> SourceReading {
    let body = try pages.body(endpoint, token: token)
    do throws(PoolReadingFault) {
      return SourceReading(
        pools: try reader.pools(body).map { PoolReport(name: $0.name, gauges: $0.gauges, timeout: timeout) })
    } catch { throw SourceFault(error.description) }
  }
}

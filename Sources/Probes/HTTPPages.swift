import HTTP
import Model
import Synchronization

/// Pages over HTTP, by the client that keeps to a time and a size whatever the server does. Its connections are kept.
package final class HTTPPages: PageSource {
  private let client: Mutex<HTTPClient>

  /// - Parameter caFile: PEM file of the authorities to trust; nil: those of the system.
  package init(userAgent: String, caFile: String? = nil) throws(PageFault) {
    do throws(HTTPFault) {
      client = Mutex(try HTTPClient(userAgent: userAgent, caFile: caFile))
    } catch { throw PageFault(error.message) }
  }

  package func page(
    _ url: String, headers: [(name: String, value: String)], timeout: Duration, limit: Int
  ) throws(PageFault) -> Page {
    do throws(HTTPFault) {
      return try client.withLock { (client) throws(HTTPFault) in
        let answer = try client.fetch(url, headers: headers, timeout: timeout, bodyLimit: limit)
        return Page(status: answer.status, body: answer.body)
      }
    } catch { throw PageFault(error.message) }
  }
}

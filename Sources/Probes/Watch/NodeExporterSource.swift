import Model
import Monitor
import Telemetry

/// The CPU of a machine that runs node_exporter.
package final class NodeExporterSource: SourceReader {
  private let endpoint: PoolEndpoint
  private let pages: any PageSource

  /// - Parameter url: of its metrics.
  package init(_ url: String, pages: any PageSource) {
    endpoint = PoolEndpoint(url: url, format: .prometheus)
    self.pages = pages
  }

  package func read() throws(SourceFault) -> SourceReading {
    SourceReading(machine: try Self.machine(try pages.body(endpoint, token: nil)))
  }

  private static let name = "node_cpu_seconds_total"

  static func machine(_ body: [UInt8]) throws(SourceFault) -> MachineReport {
    let page = PrometheusText(body) { $0 == name }
    var (busy, total) = (0.0, 0.0)
    var cores: Set<String> = []
    for sample in page.samples {
      guard let mode = sample["mode"], sample.value.isFinite else { continue }
      total += sample.value
      if !["idle", "iowait", "steal"].contains(mode) { busy += sample.value }
      cores.insert(sample["cpu"] ?? "")
    }
    guard total > 0 else {
      let reason = page.faults.first.map { ": \($0)" } ?? ""
      throw SourceFault("the page has no metric \(name)\(reason)")
    }
    return MachineReport(busySeconds: busy, totalSeconds: total, cores: cores.count)
  }
}

extension PageSource {
  /// The body of an answer that says yes.
  func body(_ endpoint: PoolEndpoint, token: String?) throws(SourceFault) -> [UInt8] {
    let headers = [("Accept", endpoint.format.accepted)] + (token.map { [("Authorization", "Bearer \($0)")] } ?? [])
    do throws(PageFault) {
      let answer = try page(
        endpoint.url, headers: headers.map { (name: $0.0, value: $0.1) }, timeout: endpoint.timeout,
        limit: PrometheusText.maximumBytes)
      guard (200..<300).contains(answer.status) else { throw PageFault("it answers with status \(answer.status)") }
      return answer.body
    } catch { throw SourceFault(error.description) }
  }
}

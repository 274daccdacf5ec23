import Exporter
import Model
import Monitor
import Report

/// What a watch is asked for over HTTP. Every scrape sees what is known at that moment.
struct MonitorPages: Sendable {
  private let watch: Watch

  private init(_ watch: Watch) { self.watch = watch }

  /// Serves them until the server is let go of; nil where nobody wants that.
  static func serve(_ watch: Watch, _ options: ListenOptions, _ world: World) throws(Failure) -> ExporterServer? {
    guard let listen = options.listen else { return nil }
    let token = try options.tokenFile.map { path throws(Failure) in try TokenFile.read(absolute(path, world)) }
    let pages = MonitorPages(watch)
    do throws(ExporterFault) {
      return try ExporterServer(at: ListenAddress(listen), token: token) { pages.answer($0) }
    } catch {
      throw Failure(error.code == .cannotListen ? .unreachable : .usage, "cannot serve metrics: \(error.message)")
    }
  }

  private func answer(_ page: ExporterPage) -> ExporterAnswer {
    switch page {
    case .metrics:
      let text = MetricsPage(watch.snapshot, version: Poolops.version).text
      return ExporterAnswer(status: 200, contentType: MetricsPage.contentType, body: Array(text.utf8))
    case .health: return .text("ok\n")
    case .readiness: return isReady ? .text("ok\n") : .text("not ready\n", status: 503)
    }
  }

  /// Whether what is said of pools can be relied on: every source was asked, and not all of them are gone.
  private var isReady: Bool { watch.hasHeardAll && watch.snapshot.sources.contains { $0.fault == nil } }
}

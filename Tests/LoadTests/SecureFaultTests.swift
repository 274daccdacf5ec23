import Glibc
import Load
import Model
import Statistics
import TestSupport
import Testing

private typealias Version = HTTPLoadSpec.Version

/// What is done to an app behind TLS while a load is on it.
private struct SecureFault: Sendable, CustomTestStringConvertible {
  enum Deed: Sendable {
    case restart
    case freeze
    case behave(TestSecureApp.Manner)
  }

  let deed: Deed
  let version: Version
  /// The classes by which it is told. Empty: nobody fails.
  let told: Set<ErrorClass>
  /// Those that some may have beside.
  let beside: Set<ErrorClass>

  var testDescription: String { "\(deed) over HTTP/\(version.rawValue)" }

  /// Half a second of it.
  func strike(_ app: inout TestSecureApp) throws {
    switch deed {
    case .restart: app.die()
    case .freeze: app.freeze()
    case .behave(let manner): app.behave(manner)
    }
    usleep(500_000)
    switch deed {
    case .restart: app = try TestSecureApp(port: app.port)
    case .freeze: app.thaw()
    case .behave: app.behave(.well)
    }
  }

  private static func over(
    _ versions: [Version], _ deed: Deed, _ told: Set<ErrorClass>, beside: Set<ErrorClass> = []
  ) -> [SecureFault] {
    versions.map { SecureFault(deed: deed, version: $0, told: told, beside: beside) }
  }

  private static let both = Version.allCases

  static let all: [SecureFault] = [
    over(both, .restart, [.connectionRefused], beside: [.serverGone]),
    // A handshake takes more than the kernel's welcome, which a frozen process still gives.
    over([.http1], .freeze, [.connectTimeout], beside: [.firstByteTimeout]),
    over([.http2], .freeze, [.firstByteTimeout]),
    // Whoever is in the handshake when the app comes to its senses sees it break.
    over(both, .behave(.deaf), [.connectTimeout], beside: [.connectionRefused, .serverGone]),
    over([.http2], .behave(.older), [.badResponse], beside: [.serverGone]),
    over(both, .behave(.stranger), [.tls], beside: [.serverGone]),
    over(both, .behave(.expired), [.tls], beside: [.serverGone]),
    over(both, .behave(.misnamed), [.tls], beside: [.serverGone]),
    over(both, .behave(.silent), [.firstByteTimeout], beside: [.serverGone]),
    over(both, .behave(.dripping), [.requestTimeout]),
    over([.http1], .behave(.garbage), [.badResponse]),
    // libcurl takes it for a connection that has died.
    over([.http2], .behave(.garbage), [.serverGone, .firstByteTimeout]),
    over(both, .behave(.cut), [.serverGone]),
    over(both, .behave(.torn), [.serverGone]),
    // libcurl does not ask whether TLS was ended in order, and without a length nothing else tells.
    over([.http1], .behave(.truncated), []),
    over([.http2], .behave(.resetting), [.serverGone]),
    // Who is refused asks again, for as long as its limits allow.
    over([.http2], .behave(.refusing), [.serverGone, .firstByteTimeout]),
    over([.http2], .behave(.dismissing), [.serverGone]),
    over([.http2], .behave(.leaving), []),
    over([.http2], .behave(.narrow), []),
  ].flatMap(\.self)
}

private func http(_ app: TestSecureApp, _ version: Version) -> HTTPLoadSpec {
  HTTPLoadSpec(
    base: app.base, connections: version == .http2 ? 3 : 20, connectTimeout: .milliseconds(300),
    firstByteTimeout: .milliseconds(400), version: version, caFile: app.caFile)
}

private func load(_ shape: LoadShape, _ http: HTTPLoadSpec) -> LoadSpec {
  LoadSpec(
    shape: shape, transactions: [Transaction(name: "hello", work: .http(get("/")))], carrier: .http(http),
    requestTimeout: .milliseconds(500))
}

@Suite(.serialized) struct SecureFaultTests {
  @Test(arguments: SecureFault.all)
  fileprivate func `a load goes through a fault of the app, tells it by its class, and recovers`(fault: SecureFault)
    throws
  {
    var app = try TestSecureApp()
    let http = http(app, fault.version)
    let shape = LoadShape.arrivalRate(rate: 150, spacing: .even, warmUp: .zero, duration: .ofSeconds(2.5))
    let began = ContinuousClock.now
    let outcome = try runOnApp(load(shape, http)) { _ in
      usleep(300_000)
      try fault.strike(&app)
    }
    let totals = outcome.report.totals
    #expect(totals.addsUp && totals.due == 375)
    // On a busy machine a handshake may outlast its limit, whatever else is wrong.
    let possible = fault.told.union(fault.beside).union([.connectTimeout])
    #expect(Set(totals.failed.keys).isSubset(of: possible), "\(totals.failed)")
    let told = fault.told.map { totals.failed[$0] ?? 0 }.reduce(0, +)
    #expect(told > 5 || fault.told.isEmpty, "\(totals.failed)")
    // Nothing outlives the fault by more than its limit and what the generator was late.
    let slip = outcome.histogram(.slip).quantile(1) ?? 0
    #expect((outcome.histogram(.wait).quantile(1) ?? 0) < 900e6 + slip)
    #expect((outcome.histogram(.query).quantile(1) ?? 0) < 550e6 + slip)
    #expect(ContinuousClock.now - began < .seconds(8))
    let last = try #require(outcome.slices.last)
    #expect(last.failures == 0 && last.completed > 50)
  }

  private static let refusals: [(TestSecureApp.Manner, Version, ErrorClass, words: String)] = [
    (.deaf, .http1, .connectTimeout, "connect_timeout is over"),
    (.deaf, .http2, .connectTimeout, "connect_timeout is over"),
    (.older, .http2, .badResponse, "the server speaks HTTP/1, where HTTP/2 is asked for"),
    (.stranger, .http1, .tls, "(the authorities to trust are those of ca_file"),
    (.stranger, .http2, .tls, "(the authorities to trust are those of ca_file"),
    (.expired, .http1, .tls, "certificate has expired"),
    (.misnamed, .http1, .tls, "(the host of url is to be one of the names in the certificate)"),
  ]

  @Test(arguments: refusals) func `what keeps connections from being opened is told before the load`(
    manner: TestSecureApp.Manner, version: HTTPLoadSpec.Version, error: ErrorClass, words: String
  ) throws {
    let app = try TestSecureApp()
    app.behave(manner)
    let http = http(app, version)
    let fault = #expect(throws: LoadError.self) { try runOnApp(load(users(1, seconds: 1), http)) }
    #expect(fault?.code == .cannotConnect(error))
    let message = fault?.message ?? ""
    #expect(message.hasPrefix(app.base + ": ") && message.contains(words), "\(message)")
    #expect(message.contains("ca_file") == (manner == .stranger), "\(message)")
  }
}

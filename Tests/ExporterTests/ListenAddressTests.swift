import Glibc
import Testing

@testable import Exporter

@Suite struct ListenAddressTests {
  @Test(arguments: [
    ("9187", "127.0.0.1:9187", true), ("0", "127.0.0.1:0", true), ("127.0.0.1:9187", "127.0.0.1:9187", true),
    ("localhost:80", "127.0.0.1:80", true), ("127.8.9.10:65535", "127.8.9.10:65535", true),
    ("[::1]:9187", "[::1]:9187", true), ("[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1", true),
    ("0.0.0.0:9187", "0.0.0.0:9187", false), ("10.0.0.7:9187", "10.0.0.7:9187", false),
    ("128.0.0.1:9187", "128.0.0.1:9187", false), ("[::]:9187", "[::]:9187", false),
    ("[fe80::1]:9187", "[fe80::1]:9187", false), ("[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.1]:1", false),
  ])
  func `an address with a port, or a port alone for loopback, is accepted`(
    text: String, written: String, isLoopback: Bool
  ) throws {
    let address = try ListenAddress(text)
    #expect(address.text == written)
    #expect(address.isLoopback == isLoopback)
  }

  private static let accepted =
    "an address and a port are accepted, such as 127.0.0.1:9187 or [::1]:9187, or a port alone for 127.0.0.1"

  @Test(arguments: [
    ("", "'' has no port from 0 to 65535; \(accepted); port 0 is any that is free"),
    ("70000", "'70000' has no port from 0 to 65535; \(accepted); port 0 is any that is free"),
    ("127.0.0.1", "'127.0.0.1' has no port from 0 to 65535; \(accepted); port 0 is any that is free"),
    ("127.0.0.1:-1", "'127.0.0.1:-1' has no port from 0 to 65535; \(accepted); port 0 is any that is free"),
    ("::1:9187", "'::1:9187' has no port from 0 to 65535; \(accepted); port 0 is any that is free"),
    (":9187", "':9187' has no address; 9187 alone means 127.0.0.1, and 0.0.0.0:9187 every address"),
    ("example.org:9187", "'example.org' is no numeric address; \(accepted)"),
    ("1.2.3:9187", "'1.2.3' is no numeric address; \(accepted)"),
    ("[10.0.0.1]:9187", "'[10.0.0.1]' is no numeric address; \(accepted)"),
    (
      "http://127.0.0.1:9187",
      "'http://127.0.0.1:9187' has no port from 0 to 65535; \(accepted); port 0 is any that is free"
    ),
  ])
  func `what is none is refused with what is accepted`(text: String, message: String) {
    let fault = #expect(throws: ExporterFault.self) { try ListenAddress(text) }
    #expect(fault?.message == message)
  }

  @Test(arguments: [
    (
      EADDRINUSE,
      "127.0.0.1:80 is in use: something listens there already; name another port, or 0 for any that is free"
    ),
    (EACCES, "port 80 needs privileges that this process does not have; name one from 1024 on"),
    (EADDRNOTAVAIL, "127.0.0.1 is no address of this machine; 127.0.0.1 is, and 0.0.0.0 means every one"),
    (ENOBUFS, "nothing can listen at 127.0.0.1:80: No buffer space available"),
  ])
  func `a port that cannot be had says why`(number: Int32, message: String) throws {
    #expect(try ListeningSocket.fault(ListenAddress("80"), number).message == message)
  }

  @Test func `somebody else's address, and a port in use, are refused by the kernel in these words`() throws {
    let far = try ListenAddress("192.0.2.1:0")
    #expect(throws: ListeningSocket.fault(far, EADDRNOTAVAIL)) { _ = try ListeningSocket(at: far) }
    let first = try ListeningSocket(at: ListenAddress("0"))
    let same = first.address
    #expect(same.port > 0)
    #expect(throws: ListeningSocket.fault(same, EADDRINUSE)) { _ = try ListeningSocket(at: same) }
  }
}

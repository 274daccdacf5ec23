import Testing

@testable import Exporter

@Suite struct OpenConnectionsTests {
  @Test func `beyond the limit the one that came or asked longest ago ends`() {
    var open = OpenConnections<Int>(limit: 2)
    #expect(open.opened(1, socket: 11) == nil)
    #expect(open.opened(2, socket: 12) == nil)
    open.asked(1)
    #expect(open.opened(3, socket: 13) == 12)
    // It is told to end once; that it has ended comes later.
    open.closed(2)
    #expect(open.opened(4, socket: 14) == 11)
    open.closed(4)
    #expect(open.opened(5, socket: 15) == nil)
    open.asked(1)
    #expect(open.count == 2)
  }
}

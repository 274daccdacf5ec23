import Testing

@testable import Model

@Suite struct ChecksumTests {
  /// Reference values of the authors' test suite for 64-bit FNV-1a.
  @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
  func `the checksum is FNV-1a`(text: String, sum: String) { #expect(Checksum(text).text == sum) }
}

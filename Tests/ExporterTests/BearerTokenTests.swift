import Testing

@testable import Exporter

@Suite struct BearerTokenTests {
  private static let good = "aVeryLong-token.1234567~+/=="

  @Test(arguments: [
    ("Bearer \(good)", true), ("bearer \(good)", true), ("BEARER   \(good)", true), (nil, false), ("", false),
    (good, false), ("Basic \(good)", false), ("Bearer", false), ("Bearer ", false), ("Bearer \(good)x", false),
    ("Bearer \(good.dropLast())", false), ("Bearer x\(good.dropFirst())", false), ("Bearer \(good) \(good)", false),
  ])
  func `only the whole token is let in`(header: String?, isRight: Bool) throws {
    #expect(try BearerToken(file: Array("\(Self.good)\n".utf8)).isShown(by: header) == isRight)
  }

  @Test(arguments: [
    ("", "it is empty; a token of 16 to 4096 bytes should stand in it"),
    ("\n", "it is empty; a token of 16 to 4096 bytes should stand in it"),
    ("hunter2", "its token has 7 bytes; 16 to 4096 are accepted"),
    (String(repeating: "x", count: 4097), "its token has 4097 bytes; 16 to 4096 are accepted"),
    ("two tokens of a file", Self.several), ("first-of-two-tokens\nsecond-of-two-tokens\n", Self.several),
    ("sixteen bytes\0and a zero", Self.several),
  ])
  func `what is no token is refused without being shown`(file: String, message: String) {
    let fault = #expect(throws: ExporterFault.self) { try BearerToken(file: Array(file.utf8)) }
    #expect(fault?.message == message)
  }

  private static let several =
    "it holds more than one token: letters, digits and -._~+/= on one line are accepted, without blanks"

  @Test func `a token does not show itself`() throws {
    let token = try BearerToken(file: Array(Self.good.utf8))
    #expect(!"\(token) \(String(reflecting: token))".contains("aVeryLong"))
  }
}

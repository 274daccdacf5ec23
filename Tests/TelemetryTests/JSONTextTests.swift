import Model
import TestSupport
import Testing

@testable import Telemetry

@Suite struct JSONTextTests {
  private static let texts = [
    #"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, "[]", "{}", " [ 1 , 2 ] \n", "0", "-0", "-0.5e+10", "1E5", "\"\"",
    #""\u00e9\n\\\/\"\ud83d\ude00""#, #""\ud800""#, #""\ud800\u0041""#, "[1,]", "{,}", #"{"a":1,}"#, #"{"a"1}"#, "01",
    "-", "1.", ".5", "+1", "NaN", "Infinity", "tru", "nulll", "[1] 2", "", "  ", "\u{FEFF}[1]", "\"\t\"", "'a'",
    #""\x41""#, #""\u12""#, #""\u12G4""#, #"{"a":1,"a":2}"#, "// no\n1", "[1 2]", "{\"a\":}", "[", "{\"a\":1", "\"a",
    "\u{00A0}1", "1e", "--1", "[[[[1]]]]", "é", "\"é\"",
  ]

  @Test func `what Python takes as JSON is taken, and nothing else`() throws {
    var random = RandomBytes(seed: 3)
    var texts = Self.texts.map { Array($0.utf8) } + [[0x22, 0xFF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x00]]
    for text in texts { for _ in 0..<40 { texts.append(text.damaged(&random)) } }
    let folder = TemporaryFolder()
    let digits = texts.map { text in text.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\n" }
      .joined()
    write(Array(digits.utf8), to: folder.path + "/texts")
    let answers = output(of: "/usr/bin/python3 \(Files.oracles)json_texts.py < \(folder.path)/texts 2>&1").split(
      separator: "\n")
    try #require(answers.count == texts.count)
    for (text, answer) in zip(texts, answers) {
      let isRead = (try? JSONText.read(text)) != nil
      #expect(isRead == (answer == "yes"), "\(String(decoding: text, as: UTF8.self)) \(text)")
    }
  }

  @Test func `values are what stands there`() throws {
    let tree = try JSONText.read(
      Array(#"{"n":12345678901234567890.10,"a":1,"a":2,"t":"\u00e9\n\ud83d\ude00\ud800x"}"#.utf8))
    #expect(tree["n"] == .number("12345678901234567890.10") && tree["a"]?.double == 2)
    #expect(tree["t"] == .string("é\n😀\u{FFFD}x"))
  }

  @Test(arguments: [
    ("[1,\n 2,]", "line 2, column 4: no value begins like this"),
    (#"{"a":1 "b":2}"#, "line 1, column 8: a ',' or '}' should stand here"),
    ("[1] 2", "line 1, column 5: something follows the value"),
    ("", "line 1, column 1: the text ends where a value should stand"),
  ]) func `a fault has its place`(text: String, message: String) {
    let fault = #expect(throws: JSONFault.self) { try JSONText.read(Array(text.utf8)) }
    #expect(fault?.description == message)
  }

  @Test(arguments: [
    (String(repeating: "[", count: 100_000), "line 1, column 65: nested deeper than 64 levels"),
    (String(repeating: "{\"a\":", count: 1000), "line 1, column 321: nested deeper than 64 levels"),
    (
      "[" + String(repeating: "1,", count: JSONText.maximumValues) + "1]",
      "line 1, column 400000: more than 200000 values"
    ),
  ]) func `what is too deep or too much is refused`(text: String, message: String) {
    let fault = #expect(throws: JSONFault.self) { try JSONText.read(Array(text.utf8)) }
    #expect(fault?.description == message)
  }

  @Test func `a text that is too long is refused at once`() {
    let fault = #expect(throws: JSONFault.self) { try JSONText.read([UInt8](repeating: 0x20, count: 10_000_001)) }
    #expect(fault?.message == "10000001 bytes are too many; at most 10000000 are read")
  }

  private static let tree = #"{"pool":{"max":5,"a.b":6,"list":[{"n":1},{"n":2}]},"one":1}"#

  @Test(arguments: [
    ("pool.max", "5"), ("pool.list[1].n", "2"), ("pool.list[*].n", "1 2"), ("pool[\"a.b\"]", "6"), ("['one']", "1"),
    ("pool.mix", "there is no 'mix' in 'pool'; it has max, a.b, list"),
    ("pool.list[2].n", "there is no [2] in 'pool.list', which has 2 elements"),
    ("pool.max.n", "there is no 'n' in 'pool.max', which is a number"),
    ("nothing", "there is no 'nothing' in the answer; it has pool, one"),
    ("one[0]", "there is no [0] in 'one', which is a number"),
    ("one[*]", "there is no [*] in 'one', which is a number"),
  ]) func `a place leads to its values`(text: String, expected: String) throws {
    let place = try #require(JSONPlace(text))
    let found: String
    do throws(PlaceFault) {
      let values = try place.values(in: try! JSONText.read(Array(Self.tree.utf8)))  // swift-format-ignore
      found = values.map { $0.double.map { decimal($0, places: 3) } ?? "?" }.joined(separator: " ")
    } catch { found = error.description }
    #expect(found == expected)
  }
}

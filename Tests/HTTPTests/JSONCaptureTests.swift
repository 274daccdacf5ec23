import Model
import Testing

@testable import HTTP

struct JSONCaptureTests {
  private static let document = """
    {"order": {"id": 17, "total": 1.50e+2, "items": [{"sku": "a\\"\\u00e9\\ud83d\\ude00\\n/"}, {"sku": "b"}]},
     "a.b": {"c]": true}, "none": null, "list": [[1, 2], [3]], "": 0, "empty": {}, "é": -0, "order2": "x"}
    """

  private func capture(_ place: String) -> JSONCapture? { JSONPlace(place).flatMap(JSONCapture.init) }

  @Test func `a place of several values gives none`() { #expect(capture("items[*].sku") == nil) }

  @Test(
    arguments: [
      ("order.id", "17"), ("order.total", "1.50e+2"), ("order.items[0].sku", "a\"é😀\n/"), ("order.items[1].sku", "b"),
      ("[\"a.b\"][\"c]\"]", "true"), ("list[1][0]", "3"), ("list[1]", "[3]"), ("empty", "{}"), ("é", "-0"),
      ("[\"\"]", "0"), ("order2", "x"), ("none", nil), ("order.no", nil), ("order.items[2].sku", nil), ("list.x", nil),
      ("order[0]", nil), ("order.id.x", nil), ("id", nil),
    ] as [(String, String?)]) func `a value is found at its place`(place: String, value: String?) throws
  {
    let found = try #require(capture(place))
    #expect(found.value(in: Array(Self.document.utf8)) == value)
  }

  @Test(arguments: [
    "", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{\"a\":01}",
    "{\"a\":1.}",
    "{\"a\":.5}", "{\"a\":1,\"b\":+1}", "{\"a\":1,\"b\":\"\t\"}", "{\"a\":1,\"b\":\"\\x\"}",
    "{\"a\":1,\"b\":\"\\ud800\"}",
    "{\"a\":1,\"b\":\"\\ud800\\u0041\"}", "{\"a\":1,\"b\":\"\\udc00\"}", "{\"a\":1,\"b\":tru}", "{\"a\":1,\"b\":nulll}",
    "{\"a\":1,\"b\":[1,]}", "{\"a\":1}\u{0}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":NaN}", "\u{FEFF}{\"a\":1}",
    "{\"a\":\"",
    "{\"a\":1,\"b\":" + String(repeating: "[", count: 100_000),
    "{\"a\":1,\"b\":" + String(repeating: "[", count: 300) + String(repeating: "]", count: 300) + "}",
  ]) func `a document that is not valid has no values`(text: String) {
    #expect(capture("a")?.value(in: Array(text.utf8)) == nil)
  }

  @Test(
    arguments: [
      (" \n{ \"a\" : 1 } \t", "1"), ("{\"a\":0}", "0"), ("{\"a\":-0.5E-7}", "-0.5E-7"), ("{\"a\":1,\"a\":2}", "2"),
      ("{\"a\":1,\"a\":null}", nil), ("{\"\\u0061\":\"\"}", ""), ("[{\"a\":1}]", nil),
      ("{\"a\":1,\"b\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}", "1"),
    ] as [(String, String?)]) func `odd but valid documents are read`(text: String, value: String?)
  {
    #expect(capture("a")?.value(in: Array(text.utf8)) == value)
  }
}

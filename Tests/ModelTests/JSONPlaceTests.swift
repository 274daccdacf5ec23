import Model
import Testing

@Suite struct JSONPlaceTests {
  @Test(
    arguments: [
      ("a", [.name("a")]), ("pool.max", [.name("pool"), .name("max")]), ("[2]", [.index(2)]), ("é", [.name("é")]),
      ("a[0].b[*]", [.name("a"), .index(0), .name("b"), .all]), ("[\"a.b\"].c", [.name("a.b"), .name("c")]),
      ("['a b'][\"c]\"]", [.name("a b"), .name("c]")]), ("[\"\"]", [.name("")]),
      ("a[0][1]", [.name("a"), .index(0), .index(1)]),
    ] as [(String, [JSONPlace.Step])]) func `a place is steps from the top`(text: String, steps: [JSONPlace.Step])
  {
    let place = JSONPlace(text)
    #expect(place?.steps == steps && place?.text == text)
    #expect(place?.isSingle == !steps.contains(.all))
  }

  @Test(arguments: [
    "", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[0", "a]", "a[0]b", "[\"a]", "a[\"b\"x", "pool['a",
    "db{a=\"b\"}", "[*]x", "a b", "pool[99999999999999999999]",
  ]) func `what is no place is refused`(text: String) { #expect(JSONPlace(text) == nil) }
}

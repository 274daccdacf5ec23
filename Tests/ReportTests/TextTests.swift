import TestSupport
import Testing

@testable import Report

private func sample() -> TextTable {
  var table = TextTable([.init("metric"), .init("value", right: true), .init("note")])
  table.section("Latency")
  table.row(["latency p95", "485 ms", .init("worse", .bad)])
  table.row(["待ち時間", "1.2 s", "a note that is long enough to be wrapped on a narrow terminal, between its words"])
  return table
}

@Suite struct TextTests {
  @Test func `a table is aligned, wraps its last column, and becomes a list where it does not fit`() {
    let styles = [
      Style(width: 100), Style(width: 60), Style(width: 30), Style(colour: true, width: 60), Style(width: 1),
    ]
    let texts = styles.map { "width \($0.width), colour \($0.colour)\n" + sample().text($0) }
    expectSnapshot(texts.joined(separator: "\n\n") + "\n\n" + sample().markdown() + "\n", "table.txt")
  }

  @Test func `colour only adds`() {
    let coloured = sample().text(Style(colour: true, width: 60))
    #expect(withoutColour(coloured) == sample().text(Style(colour: false, width: 60)))
    #expect(coloured != sample().text(Style(colour: false, width: 60)))
  }

  @Test(arguments: [
    ("plain", 5), ("", 0), ("é", 1), ("e\u{301}", 1), ("待ち", 4), ("✓ ok", 4), ("🙂", 2), ("👨‍👩‍👧", 2), ("한글", 4),
  ])
  func `text takes the columns that a terminal gives it`(text: String, columns: Int) {
    #expect(text.columns == columns)
  }

  @Test(arguments: [
    ("a bc d", 4, ["a bc", "d"]), ("", 4, [""]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]), ("待ち時間", 5, ["待ち", "時間"]),
    ("a  b", 10, ["a b"]), ("待", 1, ["待"]), ("to 89.4 %, or", 8, ["to", "89.4 %,", "or"]), ("% a", 3, ["% a"]),
  ])
  func `wrapping breaks between words, and inside of one that is too long`(text: String, width: Int, lines: [String]) {
    #expect(text.wrapped(to: width) == lines)
  }

  @Test func `a name cannot move the cursor or break the line`() {
    var table = TextTable([.init("name"), .init("x")])
    table.row([.init("a\u{1B}[2Jb\nc\td\r\ne\u{202E}f\u{2028}g"), "1"])
    #expect(table.text(Style()).split(separator: "\n").last == "  a?[2Jb c d e?f g  1")
  }

  @Test(arguments: [
    ("a|b", "a\\|b"), ("<b>", "&lt;b>"), ("2 * 3", "2 \\* 3"), ("`a * b`", "`a * b`"), ("`a|b`", "`a\\|b`"),
    ("back\\slash", "back\\\\slash"),
  ])
  func `a Markdown cell shows the text as it is`(text: String, cell: String) {
    #expect(Markdown.escaped(text) == cell)
  }

  @Test(arguments: [("a", "`a`"), ("a`b", "`` a`b ``"), ("", "``")])
  func `a code span is fenced by more backticks than it holds`(text: String, code: String) {
    #expect(Markdown.code(text) == code)
  }
}

@Suite struct JSONValueTests {
  static let cases: [(value: JSONValue, text: String)] = [
    (.number(0.1), "0.1"), (.number(5), "5"), (.number(-0.0), "0"), (.number(.nan), "null"),
    (.number(-.infinity), "null"), (.number(1e300), "1e+300"), (.number(1.5e-7), "1.5e-07"),
    (.number(12_345_678.25), "12345678.25"), (.integer(.min), "-9223372036854775808"),
    (.string("a\"b\\c"), #""a\"b\\c""#), (.string("\r\n\t\u{1}\u{7F}"), #""\r\n\t\u0001\u007f""#),
    (.string("é 🙂"), #""é 🙂""#), (.array([]), "[]"), (.object([]), "{}"),
    (["b": 1, "a": [nil, true]], #"{"b":1,"a":[null,true]}"#), (JSONValue(2.0...3.5), "[2,3.5]"),
    (JSONValue(nil as Double?), "null"),
  ]

  @Test(arguments: cases)
  func `JSON keeps its order, escapes what it must, and has no number that cannot be read`(
    value: JSONValue, text: String
  ) {
    #expect(value.line == text)
  }

  @Test func `the text has two spaces a level and ends with a newline`() {
    let value: JSONValue = ["a": [1, 2], "b": ["c": "d"], "e": []]
    #expect(
      value.text == """
        {
          "a": [
            1,
            2
          ],
          "b": {
            "c": "d"
          },
          "e": []
        }

        """)
  }
}

/// The text without its escape sequences.
func withoutColour(_ text: String) -> String {
  var output = ""
  var isEscape = false
  for character in text {
    if character == "\u{1B}" { isEscape = true }
    if !isEscape { output.append(character) }
    if character == "m" { isEscape = false }
  }
  return output
}

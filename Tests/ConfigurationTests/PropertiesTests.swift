import Configuration
import Testing

struct PropertiesTests {
  /// The examples of `java.util.Properties.load`'s documentation, and what is near them.
  @Test(arguments: [
    ("Truth = Beauty", ["Truth": "Beauty"]), (" Truth:Beauty", ["Truth": "Beauty"]),
    ("Truth     :Beauty", ["Truth": "Beauty"]),
    (
      "fruits    apple, banana, pear, \\\n   cantaloupe, \\\n   kiwi",
      ["fruits": "apple, banana, pear, cantaloupe, kiwi"]
    ),
    ("cheeses", ["cheeses": ""]), ("a\\:b\\=c\\ d = e", ["a:b=c d": "e"]),
    ("a = \\u0041\\u00e4\\uD83D\\uDE00", ["a": "Aä😀"]),
    ("a = x\\ty\\z\\\\", ["a": "x\tyz\\"]), ("a = 1   ", ["a": "1   "]), ("! comment\n# comment\na=1", ["a": "1"]),
    ("a = 1 # no comment", ["a": "1 # no comment"]), ("a==b", ["a": "=b"]), ("a = \\", ["a": ""]),
    ("a=1\r\nb=2\r\n", ["a": "1", "b": "2"]),
    ("a=x\\\n# no comment", ["a": "x# no comment"]), ("a=\\  b", ["a": "  b"]), ("", [:]), ("a=1\na=2", ["a": "2"]),
  ]) func `names and values are Java's`(text: String, values: [String: String]) {
    #expect(read(Properties.read, text).values == values)
  }

  @Test(
    arguments: [
      ("p=${MAX:20}", "20", [], true), ("p=${MAX}", "${MAX}", ["MAX"], false), ("max=5\np=${max:20}", "5", [], false),
      ("p=${max}\nmax=5", "5", [], false), ("p=${A:${B:7}}", "7", [], true), ("p=${A:${B}}", "${B}", ["B"], true),
      ("a=${b}\nb=${a}\np=${a}", "${b}", ["b"], false), ("p=${p}", "${p}", ["p"], false), ("p=$MAX", "$MAX", [], false),
      ("u=x\np=jdbc:${u:y}:${v:1}", "jdbc:x:1", [], true), ("db.password=SESAME\np=${db.password}", "***", [], false),
      ("p=${A:}", "", [], true), ("p=${A", "${A", [], false),
    ] as [(String, String, [String], Bool)])
  func `placeholders are Spring's`(text: String, value: String, placeholders: [String], isFallback: Bool) throws {
    let setting = try #require(read(Properties.read, text).applications[0].settings.first { $0.name == "p" })
    #expect(setting.text == value)
    #expect(setting.placeholders == placeholders)
    #expect(setting.isFallback == isFallback)
  }

  @Test func `each profile is an application of its own, with what holds always before it`() {
    let text = """
      spring.datasource.url=jdbc:postgresql://db/shop
      pool=10
      #---
      spring.config.activate.on-profile=prod
      pool=40
      #---
      other=1
      """
    let file = read(Properties.read, text)
    #expect(file.applications.map(\.name) == ["file", "file (profile prod)"])
    #expect(file.applications.map { $0.settings.last { $0.name == "pool" }?.text } == ["10", "40"])
    #expect(file.applications.map { $0.settings.contains { $0.name == "other" } } == [true, true])
    #expect(file.applications.map { $0.addresses.map(\.database) } == [["shop"], ["shop"]])
    #expect(file.told == [])
  }

  @Test func `what Java refuses is a fault`() {
    #expect(
      read(Properties.read, "a=1\nb=\\u12x\n").told == [
        "2 fault: a '\\u' here is not followed by four hexadecimal digits: Java refuses the file"
      ])
  }
}

import Configuration
import Testing

struct EnvironmentFileTests {
  @Test(arguments: [
    ("A=1", "1"), ("export A=1", "1"), ("  A = 1  ", "1"), ("A=", ""), ("A='a b'", "a b"), ("A=\"a b\"", "a b"),
    ("A=1 # comment", "1"), ("A=1#no", "1#no"), ("A='#x' # y", "#x"), ("A=# only", ""),
    ("A=\"a\\n\\t\\\"\\\\b\"", "a\n\t\"\\b"),
    ("A='a\\nb'", "a\\nb"), ("A=a\\nb", "a\\nb"), ("A=\"a\nb\"", "a\nb"), ("A=\"a\r\nb\"\r\n", "a\nb"),
    ("\u{FEFF}A=1\r\n", "1"),
    ("A=1\nA=2", "2"), ("A=x=y", "x=y"), ("A=`x`", "`x`"), ("A.b-c=1\nA=3", "3"), ("A=\"open\nB=2", "open"),
    ("B=2\nA=${B}0", "20"), ("B=2\nA=$B.0", "2.0"), ("B=2\nA='$B'", "$B"), ("B=2\nA=\"$B\"", "2"), ("A=\\$B", "$B"),
    ("A=$B", "$B"), ("A=${B:-7}", "7"), ("A=${B-7}", "7"), ("B=\nA=${B:-7}", "7"), ("B=\nA=${B-7}", ""),
    ("B=1\nA=${B:-7}", "1"),
    ("A=${B:-${C:-9}}", "9"), ("A=${B:?needed}", "${B:?needed}"), ("B=1\nA=${B:+yes}", "yes"),
    ("A=${B:+yes}", "${B:+yes}"),
    ("A=$", "$"), ("A=${", "${"), ("A=${}", "${}"), ("A=a$1", "a$1"), ("A=$A", "$A"),
  ]) func `a value is what a shell would make of it`(text: String, value: String) {
    #expect(read(EnvironmentFile.read, text).values["A"] == value)
  }

  @Test(arguments: [
    ("A", ["1 notice: A has no value here: it comes from the environment"]),
    ("A: 1", ["1 fault: this line is no 'NAME=value': after the name stands no '='"]),
    ("=1", ["1 fault: this line is no 'NAME=value'"]),
    ("1A=1", ["1 fault: this line is no 'NAME=value'"]),
    ("B=1\nA=\"x", ["2 fault: the quote before the value of A is not closed"]),
    ("A=1\n\nA=2", ["3 notice: A stands here again: this value counts, the one of line 1 does not"]),
    ("A='x'y", ["1 notice: what stands after the closing quote of A is not read"]),
    ("export A", []), ("# A=1", []), ("", []),
  ]) func `what is not understood is said`(text: String, told: [String]) {
    #expect(read(EnvironmentFile.read, text).told == told)
  }

  @Test func `placeholders without a value and fallbacks are marked`() {
    let settings = read(EnvironmentFile.read, "A=${X}-$Y\nB=${X:-5}\nC=$A").applications[0].settings
    #expect(settings.map(\.placeholders) == [["X", "Y"], [], ["X", "Y"]])
    #expect(settings.map(\.isFallback) == [false, true, false])
  }

  @Test func `addresses keep their setting, their place and no password`() throws {
    let text = "PW=SESAME\nHOST=db\n\nDATABASE_URL=\"postgres://app:${PW}@$HOST:6543/shop?pool_size=5\"\n"
    let file = read(EnvironmentFile.read, text)
    let address = try #require(file.addresses.first)
    #expect(address.name == "DATABASE_URL" && address.place == Place("file", line: 4, column: 1))
    #expect(address.hosts == [.init("db", port: 6543)] && address.hasPassword && address.user == "app")
    #expect(file.values["DATABASE_URL"] == "postgres://app:***@db:6543/shop?pool_size=5")
  }

  @Test func `bytes that are not UTF-8 are repaired and told with their line`() {
    let file = EnvironmentFile.read([65, 61, 49, 10, 66, 61, 0xFF, 10], path: "f", others: noFiles)
    #expect(file.values == ["A": "1", "B": "\u{FFFD}"])
    #expect(file.told == ["2 notice: a byte here is not UTF-8: it is read as U+FFFD"])
  }
}

import Configuration
import Testing

/// The reader against PostgreSQL itself: what `pg_file_settings` says of a corpus of good and bad files.
struct PostgreSQLConfTests {
  private static let folder = testFolder + "Corpus/postgresql/"

  private struct Row: Equatable {
    var file: String
    var line: Int
    var name: String
    var setting: String
  }

  private struct Answers {
    var rows: [String: [Row]] = [:]
    /// Where the first fault of a file is.
    var faults: [String: Row] = [:]
    var times: [(text: String, shown: String)] = []
    var sizes: [(text: String, shown: String)] = []

    init(_ text: String) {
      for line in text.split(separator: "\n") {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false).map { Self.unescaped(String($0)) }
        switch words[0] {
        case "start": rows[words[1]] = []
        case "time": times.append((words[1], words[2]))
        case "size": sizes.append((words[1], words[2]))
        case "row" where words[2] != "\\N":
          let row = Row(file: words[2], line: Int(words[3]) ?? 0, name: words[4], setting: words[5])
          if row.name == "\\N" {
            if faults[words[1]] == nil { faults[words[1]] = row }
          } else {
            rows[words[1], default: []].append(row)
          }
        default: break
        }
      }
    }

    private static func unescaped(_ text: String) -> String {
      text.replacing("\\t", with: "\t").replacing("\\\\", with: "\\")
    }
  }

  private static let answers = Answers(output(of: "python3 \(testFolder)Oracles/postgresql.py \(folder)"))

  @Test func `settings and faults are those of pg_file_settings`() throws {
    let names = names(in: Self.folder, ending: ".conf")
    try #require(Self.answers.rows.count == names.count && names.count > 30, "PostgreSQL did not answer")
    var compared = 0
    for name in names {
      let stem = String(name.dropLast(5))
      let file = PostgreSQLConf.read(
        try #require(bytes(of: Self.folder + name)), path: "postgresql.conf",
        others: { bytes(of: Self.folder + "included/" + $0) })
      let read = file.servers[0].settings.map {
        Row(file: $0.place.file, line: $0.place.line, name: $0.name, setting: $0.text)
      }
      let real = try #require(Self.answers.rows[stem]).map {
        Row(file: $0.file, line: $0.line, name: $0.name.asciiLowercased, setting: $0.setting)
      }
      let fault = file.remarks.first { $0.weight == .fault }
      let realFault = Self.answers.faults[stem]
      #expect(fault?.place.file == realFault?.file && fault?.place.line == realFault?.line, "\(stem): \(file.told)")
      // PostgreSQL's view goes no further than a file's first syntax error; the reader goes on and tells all.
      let isSame = realFault == nil ? read == real : real.allSatisfy(read.contains)
      #expect(isSame, "\(stem): read \(read), PostgreSQL has \(real)")
      compared += real.count
    }
    #expect(compared > 60, "only \(compared) settings were compared")
  }

  @Test func `units are PostgreSQL's`() throws {
    try #require(Self.answers.times.count > 10 && Self.answers.sizes.count > 10)
    for (text, shown) in Self.answers.times {
      #expect(PostgreSQLQuantity.milliseconds(text).map { Int($0.rounded()) } == Int(shown), "'\(text)'")
    }
    for (text, shown) in Self.answers.sizes {
      #expect(PostgreSQLQuantity.bytes(text, unit: "kB").map { Int(($0 / 1024).rounded()) } == Int(shown), "'\(text)'")
    }
    #expect(PostgreSQLQuantity.bytes("16384") == 134_217_728)
    #expect(["100", "0x10", "010", "1.6", "5s", ""].map(PostgreSQLQuantity.count) == [100, 16, 8, 2, nil, nil])
  }

  @Test func `what ALTER SYSTEM wrote is read after the rest, and only beside postgresql.conf`() {
    let others: (String) -> [UInt8]? = { $0 == "etc/postgresql.auto.conf" ? Array("port = 2\n".utf8) : nil }
    let text = Array("port = 1\ninclude_dir 'conf.d'\n".utf8)
    let file = PostgreSQLConf.read(text, path: "etc/postgresql.conf", others: others)
    #expect(file.values == ["port": "2"] && file.includes == ["etc/postgresql.auto.conf"])
    #expect(
      file.told == [
        "2 notice: the files of include_dir 'conf.d' are not read: give them by name",
        "1 notice: port stands here again: this value counts, the one of etc/postgresql.conf:1:1 does not",
      ])
    #expect(PostgreSQLConf.read(text, path: "etc/other.conf", others: others).values == ["port": "1"])
  }
}

extension String {
  fileprivate var asciiLowercased: String {
    String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
  }
}

import Configuration
import Testing

/// The reader against PgBouncer itself: a corpus of good and bad files is given to both.
struct PgBouncerIniTests {
  private static let folder = testFolder + "Corpus/pgbouncer/"

  /// What PgBouncer made of the corpus.
  private struct Answers {
    var release = (major: 0, minor: 0)
    var folder = ""
    var isAccepted: [String: Bool] = [:]
    var config: [String: [String: String]] = [:]
    /// By file, database and column.
    var databases: [String: [String: [String: String]]] = [:]

    init(_ text: String) {
      for line in text.split(separator: "\n") {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        switch words[0] {
        case "version":
          let numbers = words[1].split(separator: ".").compactMap { Int($0) }
          if numbers.count > 1 { release = (numbers[0], numbers[1]) }
        case "folder": folder = words[1]
        case "file": isAccepted[words[1]] = words[2] == "accepted"
        case "config": config[words[1], default: [:]][words[2]] = words.dropFirst(3).joined(separator: "\t")
        case "database":
          databases[words[1], default: [:]][words[2], default: [:]][words[3]] = words.dropFirst(4).joined(
            separator: "\t")
        default: Issue.record("unreadable answer: \(line)")
        }
      }
    }

    /// What the oracle gives PgBouncer besides the corpus.
    var here: String {
      "auth_type = any\nlisten_port = 6432\nunix_socket_dir = \(folder)\nadmin_users = pgbouncer\n"
    }
  }

  @Test func `PgBouncer starts with what has no fault, and then runs with what was read`() throws {
    let answers = Answers(output(of: "python3 \(testFolder)Oracles/pgbouncer.py \(Self.folder)"))
    let names = names(in: Self.folder, ending: ".ini")
    try #require(names.count > 40 && answers.release.major > 0, "PgBouncer did not answer")
    var compared = 0
    for name in names {
      let stem = String(name.dropLast(4))
      let file = PgBouncerIni.read(
        try #require(bytes(of: Self.folder + name)), path: name, release: answers.release,
        others: { path in
          if path == "here.ini" { return Array(answers.here.utf8) }
          return bytes(of: Self.folder + "included/" + path) ?? bytes(of: Self.folder + path)
        })
      #expect(answers.isAccepted[stem] == !file.hasFault, "\(stem): the reader says \(file.told)")
      guard answers.isAccepted[stem] == true else { continue }
      let wrong = differences(stem, file, answers, &compared)
      #expect(wrong == [], "\(stem)")
    }
    #expect(compared > 150, "only \(compared) values were compared")
  }

  private func differences(_ stem: String, _ file: ConfigurationFile, _ answers: Answers, _ compared: inout Int)
    -> [String]
  {
    var wrong: [String] = []
    func compare(_ what: String, _ read: String, _ real: String?) {
      compared += 1
      if let real, same(read, real) { return }
      wrong.append("\(what): read '\(read)', PgBouncer has '\(real ?? "nothing")'")
    }
    for (name, text) in file.values { compare(name, text, answers.config[stem]?[name]) }
    let real = answers.databases[stem] ?? [:]
    let read = file.poolers.flatMap(\.databases).filter { $0.name != "*" }
    let names = Set(read.map(\.name)).union(["pgbouncer"])
    if Set(real.keys) != names { wrong.append("databases \(names.sorted()), PgBouncer has \(real.keys.sorted())") }
    for database in read {
      let settings = Dictionary(database.settings.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
      let columns = real[database.name] ?? [:]
      compare("\(database.name) host", settings["host"] ?? "", columns["host"])
      compare("\(database.name) port", settings["port"] ?? "5432", columns["port"])
      compare("\(database.name) dbname", settings["dbname"] ?? database.name, columns["database"])
      compare("\(database.name) user", settings["user"] ?? "", columns["force_user"])
      for (name, column) in [
        ("pool_size", "pool_size"), ("min_pool_size", "min_pool_size"), ("reserve_pool", "reserve_pool"),
        ("max_db_connections", "max_connections"), ("pool_mode", "pool_mode"),
      ] {
        if let text = settings[name] { compare("\(database.name) \(name)", text, columns[column]) }
      }
    }
    return wrong
  }

  /// PgBouncer shows numbers in its own way, and words in lower case.
  private func same(_ read: String, _ real: String) -> Bool {
    if read == real || read.lowercased() == real { return true }
    if let number = Double(real), number == numberOfC(read) { return true }
    return false
  }

  private func numberOfC(_ text: String) -> Double? {
    let sign = text.hasPrefix("-") ? -1.0 : 1.0
    let digits = text.drop { $0 == "-" || $0 == "+" }
    if digits.hasPrefix("0x") { return Int(digits.dropFirst(2), radix: 16).map { sign * Double($0) } }
    if digits.hasPrefix("0"), let octal = Int(digits, radix: 8) { return sign * Double(octal) }
    let start = digits.prefix { $0.isNumber || $0 == "." || $0 == "e" }
    return start.isEmpty ? 0 : Double(start).map { sign * $0 } ?? Double(start.dropLast()).map { sign * $0 }
  }

  @Test(arguments: [
    (
      "[pgbouncer]\ndefault_pool_sise = 3",
      "2 fault: 'default_pool_sise' is no parameter of PgBouncer; did you mean 'default_pool_size'?; what follows is not read"
    ),
    (
      "[pgbouncer]\nquery_wait_timeout = 30s",
      "2 fault: query_wait_timeout: '30s' is no number of seconds (a unit such as 's' is not accepted); what follows is not read"
    ),
    (
      "[pgbouncer]\npool_mode = tx",
      "2 fault: pool_mode: 'tx' is none of session, transaction, statement; what follows is not read"
    ),
    ("[pgbouncers]", "1 fault: there is no such section: did you mean [pgbouncer]?; what follows is not read"),
    ("[databases]\n", "1 fault: there is no [pgbouncer] section: PgBouncer does not start"),
    (
      "[pgbouncer]\n%include x.ini",
      "2 fault: %include 'x.ini' cannot be read (PgBouncer looks for it from the folder that it runs in); what follows is not read"
    ),
    (
      "[pgbouncer]\nmin_pool_size=1\nmin_pool_size=2",
      "3 notice: min_pool_size stands here again: this value counts, not the one of line 2"
    ),
  ]) func `what is wrong is said with its line, in a person's words`(text: String, told: String) {
    #expect(read(PgBouncerIni.read, text).told == [told])
  }

  @Test func `what a later version knows is known without a version, and refused by an older one`() {
    let text = Array("[pgbouncer]\nmax_prepared_statements = 100\n".utf8)
    #expect(!PgBouncerIni.read(text, path: "f", release: nil, others: noFiles).hasFault)
    #expect(!PgBouncerIni.read(text, path: "f", release: (1, 21), others: noFiles).hasFault)
    #expect(PgBouncerIni.read(text, path: "f", release: (1, 20), others: noFiles).hasFault)
  }

  @Test func `an include that leads nowhere is looked for beside its file, and that is said`() {
    let file = PgBouncerIni.read(
      Array("[pgbouncer]\n%include x.ini\n".utf8), path: "etc/pgbouncer.ini",
      others: { $0 == "etc/x.ini" ? Array("default_pool_size = 3\n".utf8) : nil })
    #expect(file.values == ["default_pool_size": "3"] && file.includes == ["etc/x.ini"])
    #expect(file.told.count == 1 && !file.hasFault)
  }
}

import Glibc
import Model
import Store
import Testing

/// The policy, on a copy of this repository's own evidence.
@Suite struct GoNoGoTests {
  @Test func `the committed policy gives GO on the committed evidence`() throws {
    let recorded = try RecordedProject()
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    write(try #require(text(of: root + "/runbooks/go-no-go.yaml")), to: recorded.policy)
    let ending = recorded.command("go-no-go")
    #expect(ending.status == 0 && ending.output.contains("runbooks/go-no-go.yaml"), "\(ending)")
    for word in ["peak#1", "fail-fast#1", "was rehearsed", "judged again"] { #expect(ending.output.contains(word)) }
    let list = recorded.command("go-no-go --markdown").output
    #expect(list.contains("\n- [x] peak is GO: peak#1") && !list.contains("[ ]"), "\(list)")
    let json = try JSONText.parse(recorded.command("go-no-go show --json").output)
    #expect(json["decision"]?.string == "GO" && json["policy"]?.string == "runbooks/go-no-go.yaml")
    let old = recorded.command("go-no-go", later: 31)
    #expect(old.status == Exit.inconclusive.rawValue && old.output.contains("31 days old"))
    #expect(recorded.command("go-no-go --max-age 40", later: 31).status == 0)
  }

  static let forgeries: [(sql: String, says: String)] = [
    ("UPDATE decisions SET decision = 'NO-GO' WHERE id = 3", "peak#1 is recorded as NO-GO, but what was measured"),
    ("UPDATE decisions SET decision = 'GO' WHERE id = 2", "fail-fast#1 is recorded as GO, but what was measured"),
    (
      "UPDATE failures SET count = count + 500 WHERE class = 'acquire_timeout' AND slice IN "
        + "(SELECT s.id FROM slices s JOIN blocks b ON b.id = s.block WHERE b.run = 6);"
        + "INSERT INTO failures SELECT s.id, 'acquire_timeout', 90 FROM slices s JOIN blocks b ON b.id = s.block "
        + "WHERE b.run = 6 AND s.second >= 0 ON CONFLICT DO NOTHING",
      "peak#1 is recorded as GO, but what was measured"
    ),
    (
      "UPDATE executions SET experiment_text = replace(experiment_text, '400ms', '900ms') WHERE id = 3",
      "measured another experiment file than the present one"
    ),
  ]

  @Test(arguments: forgeries) func `a record that was changed is not believed`(sql: String, says: String) throws {
    let recorded = try RecordedProject(isBare: true)
    try recorded.tamper(sql)
    let ending = recorded.command("go-no-go --markdown")
    #expect(ending.status == Exit.inconclusive.rawValue && ending.output.contains(says), "\(ending)")
  }

  @Test func `faults of the policy end the command, all at once with their places`() throws {
    let recorded = try RecordedProject(isBare: true)
    write("version: 1\nexperiments: [peek]\nmax_ag: 7d\nmanual: [{ id: a }]\n", to: recorded.policy)
    for line in ["go-no-go", "go-no-go sign a --by Ada"] {
      let ending = recorded.command(line)
      #expect(ending.status == Exit.badConfiguration.rawValue && ending.output.isEmpty, "\(ending)")
      for place in [
        "runbooks/go-no-go.yaml:2:15: ", "go-no-go.yaml:3:1: ", "go-no-go.yaml:4:10: ", "did you mean 'peak'",
      ] {
        #expect(ending.error.contains(place), "\(ending.error)")
      }
    }
  }

  @Test func `a person signs with name and date, for these words, for a time`() throws {
    let recorded = try RecordedProject(isBare: true)
    let text = "The engineer on call knows."
    write(
      "version: 1\nmanual:\n  - { id: on-call, text: \(text), max_age: 2d }\n  - { id: window, text: It is open. }\n",
      to: recorded.policy)
    let before = recorded.command("go-no-go")
    #expect(before.status == Exit.inconclusive.rawValue && before.output.contains("nobody has signed"), "\(before)")

    let refused: [(words: [String], says: String)] = [
      (["on-call"], "--by"), (["on-cal", "--by", "Ada"], "Did you mean 'on-call'?"),
      (["on-call", "--by", " "], "a person's name"),
      (["on-call", "--by", "Ada\nBob"], "on one line"),
    ]
    for (words, says) in refused {
      let ending = run(["go-no-go", "sign"] + words + ["-C", recorded.project.root], now: recorded.now)
      #expect(ending.status == Exit.usage.rawValue && ending.error.contains(says), "\(ending)")
    }

    let sign = ["go-no-go", "sign", "on-call", "--by", "Ada Lovelace", "--note", "told in the channel"]
    let signed = run(sign + ["-C", recorded.project.root], now: recorded.now)
    #expect(
      signed.status == 0 && signed.output.contains("Ada Lovelace signed on-call at \(recorded.now.text)"), "\(signed)")
    #expect(recorded.command("go-no-go sign window --by Bob --json").status == 0)
    let go = recorded.command("go-no-go", later: 1)
    #expect(go.status == 0 && go.output.contains("signed by Ada Lovelace at \(recorded.now.text)"), "\(go)")
    #expect(recorded.command("go-no-go --json").output.contains("signed by Bob at"))
    #expect(recorded.command("go-no-go --markdown").output.contains("- [x] on-call: \(text): signed by Ada Lovelace"))

    let late = recorded.command("go-no-go", later: 3)
    #expect(late.status == Exit.inconclusive.rawValue && late.output.contains("3 days old"), "\(late)")
    try recorded.edit(recorded.policy, "knows", "knows it")
    let other = recorded.command("go-no-go")
    #expect(other.status == Exit.inconclusive.rawValue && other.output.contains("for other words"), "\(other)")
    let store = try ResultsStore.open(path: recorded.project.database, mode: .readOnly)
    #expect(try store.newestSignOffs().map(\.signedBy) == ["Ada Lovelace", "Bob"])
  }

  @Test func `without a policy there is nothing to sign`() throws {
    let recorded = try RecordedProject(isBare: true)
    let ending = recorded.command("go-no-go sign on-call --by Ada")
    #expect(ending.status == Exit.usage.rawValue && ending.error.contains("no policy"), "\(ending)")
  }

  @Test func `the rollback must have been rehearsed with this very change`() throws {
    let recorded = try RecordedProject(isBare: true)
    write("version: 1\nexperiments: [peak]\nrollback_rehearsed: true\n", to: recorded.policy)
    let go = recorded.command("go-no-go")
    #expect(go.status == 0 && go.output.contains("max_size 20 -> 50"), "\(go)")
    try recorded.tamper("UPDATE stages SET outcome = 'failed' WHERE execution = 1 AND stage = 'confirm'")
    let never = recorded.command("go-no-go")
    #expect(never.status == Exit.inconclusive.rawValue && never.output.contains("no execution put this change back"))
  }

  @Test func `the code is compared with what was measured, by its commit or by its digest`() throws {
    let recorded = try RecordedProject(isBare: true)
    let root = recorded.project.root
    recorded.project.makeFolder(root + "/app")
    write("one\n", to: root + "/app/a.txt")
    write("version: 1\nexperiments: [peak]\ncode: [app/**]\n", to: recorded.policy)
    func rule(_ status: Exit, _ says: String, _ note: Comment) {
      let ending = recorded.command("go-no-go --markdown")
      #expect(ending.status == status.rawValue && ending.output.contains(says), "\(note): \(ending)")
    }
    rule(.inconclusive, "git cannot compare with commit", "there is no repository")
    _ = try recorded.git(["init", "--quiet"])
    _ = try recorded.git(["add", "app"])
    _ = try recorded.git(["commit", "--quiet", "-m", "x"])
    rule(.inconclusive, "git cannot compare with commit", "the measured commit is of another repository")
    let commit = try recorded.git(["rev-parse", "HEAD"]).prefix(40)
    try recorded.tamper("UPDATE environment SET value = '\(commit)' WHERE key = 'git_commit'")
    rule(.go, "as in commit \(commit.prefix(10)) (peak#1)", "unchanged")
    write("two\n", to: root + "/app/a.txt")
    rule(.inconclusive, "app/a.txt changed since commit", "changed and not committed")
    write("one\n", to: root + "/app/a.txt")
    write("new\n", to: root + "/app/b.txt")
    rule(.inconclusive, "app/b.txt changed since commit", "a file that git does not know")
    unlink(root + "/app/b.txt")
    try recorded.tamper(
      "INSERT INTO environment SELECT id, 'code_digest', 'sha256:0000 of app/**' FROM runs WHERE id IN (5, 6)")
    rule(.inconclusive, "the content is another one than was measured", "a digest says more than a commit")
    try recorded.edit(recorded.policy, "app/**", "lib/**")
    rule(.inconclusive, "no file matches 'lib/", "a path that is none proves nothing")
  }
}

import Glibc
import Model
import Staging
import Store
import Testing

/// The whole job in small: measure, decide, keep or put back, compare, write it up, say go.
@Suite(.serialized) struct JobTests {
  private static let regions = [
    "problem", "change", "before-after", "why-this-size", "apply", "verify", "rollback", "watch", "decisions",
  ]

  private static let runbook =
    "# Pool\n\nWritten by hand, and kept.\n\n"
    + regions.map {
      "## \($0)\n\n<!-- poolops:begin \($0) experiment=grow -->\n<!-- poolops:end \($0) -->\n\nMore prose.\n"
    }
    .joined(separator: "\n")

  /// A project in which `grow` was GO and kept, and `shrink` was NO-GO and put back.
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.add(
      "grow",
      Tiny(
        title: "More", warmUp: "300ms", pairs: "{ count: 8, seed: 7 }",
        checks: "[ \"p(95) < 200ms\", \"throughput >= baseline * 1.5\" ]"
      ).text)
    project.add(
      "shrink",
      Tiny(
        title: "Fewer", baseline: "{ max_size: 8, acquire_timeout: 10s }", change: "{ max_size: 1 }", warmUp: "300ms",
        pairs: "{ count: 2, seed: 7 }", checks: "[ \"p(95) < 40ms\" ]", more: "expects: no_go"
      ).text)
    project.writeEnvFile()
    _ = try project.staging()
    project.makeFolder(project.root + "/runbooks")
    write(runbook, to: project.root + "/runbooks/pool.md")
    // Where others keep the machine busy a measurement may not support a verdict, and says so; then it is made again.
    var grow = try project.poolops(["experiment", "run", "grow"])
    for _ in 1...2 where grow.output.contains("cannot support a verdict") {
      unlink(project.database)
      grow = try project.poolops(["experiment", "run", "grow"])
    }
    try #require(grow.status == 0, "\(grow)")
    kept = text(of: project.envFile) ?? ""
    let shrink = try project.poolops(["experiment", "run", "shrink", "--json"])
    try #require(shrink.status == Exit.noGo.rawValue, "\(shrink)")
    return project
  }
  private nonisolated(unsafe) static var kept = ""

  @Test func `a change that passes its checks is kept, and nothing else in the env file is touched`() throws {
    let project = try Self.shared.get()
    let expected = TestProject.env.replacing("\"3\"", with: "8").replacing(
      "DB_POOL_TIMEOUT=7", with: "DB_POOL_TIMEOUT=10")
    let words = { (text: String) in text.split(separator: "\n").map { $0.split(separator: " ").filter { $0 != "8" } } }
    #expect(Self.kept.contains("8") && words(Self.kept).count == words(expected).count, "\(Self.kept)")
    for line in [
      "DATABASE_URL=postgresql://u:\(TestProject.secret)@db.example/app\n", "\tSECRET_KEY='\(TestProject.secret)'\r\n",
      "# no newline at the end:\nLAST=1",
    ] {
      #expect(Self.kept.contains(line))
    }
    #expect(text(of: project.envFile) == Self.kept, "what was no better was put back to what was there before it")
  }

  @Test func `everything is recorded: stages, blocks, verdicts, and what was in force`() throws {
    let store = try Self.shared.get().results()
    #expect(try store.integrityCheck() == [] && store.openChanges() == [] && store.unfinishedExecutions() == [])
    let outcomes = try store.executions(of: nil).map {
      "\($0.id) \($0.outcome.rawValue) \($0.verdict?.decision.rawValue ?? "")"
    }
    #expect(outcomes == ["shrink#1 rolled_back NO-GO", "grow#1 kept GO"])
    for run in try store.runs() {
      let recorded = try #require(try store.recordedRun(run.id))
      #expect(run.status == .finished && recorded.blocks.count == (run.id.number <= 2 ? 8 : 2))
      for block in recorded.blocks {
        #expect(block.block.effective == run.wanted && block.block.status == .finished)
        #expect(block.slices.contains { $0.second >= 0 && $0.completed > 0 })
      }
      #expect(run.environment["postgres_version"] != nil && run.environment["cores"] != nil, "\(run.environment)")
    }
  }

  private static let reading: [(line: String, status: Exit, says: [String])] = [
    ("run list", .go, ["run-1", "run-2", "run-3", "run-4", "grow#1"]),
    ("run list --limit 1", .go, ["run-4"]),
    ("run show run-2", .go, ["run-2", "max_size", "p95"]),
    ("diff run-1 run-2", .go, ["run-1", "run-2", "max_size"]),
    ("diff grow", .go, ["run-1", "run-2"]), ("diff grow#1", .go, ["run-2"]),
    ("diff shrink", .inconclusive, ["run-3", "run-4", "inconclusive", "needs 6 pairs, has 2"]),
    ("experiment list", .go, ["GO", "NO-GO", "grow#1"]),
    ("size --from run-1", .inconclusive, ["No size fits", "laid down for run-1", "what 2 connections let through"]),
    (
      "size --from run-2 --rate 50", .go,
      ["measured (run-2)", "50 requests/s  given", "40 connections  laid down for run-2", "experiments/grow.yaml"]
    ),
  ]

  @Test func `what was recorded is shown as text, as JSON and as Markdown`() throws {
    let project = try Self.shared.get()
    for (line, status, says) in Self.reading {
      let plain = project.command(line)
      #expect(plain.status == status.rawValue, "\(line): \(plain)")
      for word in says { #expect(plain.output.contains(word), "\(line): \(plain.output)") }
      #expect(!plain.output.contains("\u{1B}"), "no colour in a pipe")
      let json = project.command(line + " --json")
      #expect(json.status == status.rawValue)
      #expect(throws: Never.self, "\(line)") { try JSONText.parse(json.output) }
    }
    let markdown = project.command("diff grow --markdown")
    #expect(
      markdown.status == 0 && markdown.output.contains("|---") || markdown.output.contains("| ---"), "\(markdown)")
    #expect(project.command("run show run-99").status == Exit.usage.rawValue)
    #expect(project.command("diff grow#9").status == Exit.usage.rawValue)
    #expect(project.command("diff nothing").status != 0)
  }

  @Test func `the runbook is rendered once, checked, and never loses a word that was written by hand`() throws {
    let project = try Self.shared.get()
    let path = project.root + "/runbooks/pool.md"
    write(Self.runbook, to: path)
    #expect(project.command("runbook check").status == Exit.noGo.rawValue, "a region that was never rendered is stale")
    let first = project.command("runbook render")
    #expect(first.status == 0, "\(first)")
    let rendered = try #require(text(of: path))
    for word in ["run-1", "run-2", "grow#1", "Written by hand, and kept.", "More prose.", "DB_CONNECTION_LIMIT"] {
      #expect(rendered.contains(word), "\(word) is not in the runbook")
    }
    #expect(project.command("runbook render").status == 0 && text(of: path) == rendered, "rendering twice is once")
    #expect(project.command("runbook check").status == 0)

    let edited = rendered.replacing("run-2", with: "run-3", maxReplacements: 1)
    write(edited, to: path)
    for line in ["runbook check", "runbook render", "runbook check --json", "runbook render --dry-run"] {
      let ending = project.command(line)
      #expect(ending.status == Exit.noGo.rawValue, "\(line): \(ending)")
      let said = ending.output + ending.error
      #expect(Self.regions.contains { said.contains($0) } && said.contains("pool.md"), "\(line): \(ending)")
      #expect(text(of: path) == edited, "\(line) keeps what was edited")
    }
    #expect(project.command("runbook render --force").status == 0 && text(of: path) == rendered)
  }

  @Test func `go-no-go says go only while every experiment, the undo and the runbook agree`() throws {
    let project = try Self.shared.get()
    let path = project.root + "/runbooks/pool.md"
    write(Self.runbook, to: path)
    _ = project.command("runbook render --force")
    let go = project.command("go-no-go")
    #expect(go.status == 0 && go.output.contains("GO"), "\(go)")
    #expect(throws: Never.self) { try JSONText.parse(project.command("go-no-go --json").output) }
    #expect(project.command("go-no-go --markdown").status == 0)

    let later = Timestamp(microseconds: Int64(time(nil)) * 1_000_000 + 31 * 86_400_000_000)
    let old = project.command("go-no-go", now: later)
    #expect(old.status == Exit.inconclusive.rawValue && old.output.contains("days old"), "\(old)")
    #expect(project.command("go-no-go --max-age 40", now: later).status == 0)

    write((text(of: path) ?? "").replacing("run-2", with: "run-9", maxReplacements: 1), to: path)
    let edited = project.command("go-no-go")
    #expect(edited.status == Exit.inconclusive.rawValue && edited.output.contains("edited by hand"), "\(edited)")
    _ = project.command("runbook render --force")

    project.add("another", Tiny(title: "Never run").text)
    let missing = project.command("go-no-go")
    #expect(missing.status == Exit.inconclusive.rawValue && missing.output.contains("never carried out"), "\(missing)")
    unlink(project.root + "/experiments/another.yaml")
    #expect(project.command("go-no-go").status == 0)
  }

  @Test func `a plain before and after is labelled so, is never GO, and is put back`() throws {
    let project = TestProject()
    project.add("plain", Tiny(duration: "500ms").text)
    project.writeEnvFile()
    // Nobody started the staging: the execution does, and stops it.
    let ending = try project.poolops(["experiment", "run", "plain"])
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(ending.output.contains("INCONCLUSIVE") && ending.output.contains("plain before and after"), "\(ending)")
    #expect(ending.output.contains("poolops diff"), "it says what to type next")
    #expect(text(of: project.envFile) == TestProject.env)
    let diff = project.command("diff plain")
    #expect(diff.output.contains("plain before and after"), "\(diff)")
    #expect(try JSONText.parse(project.command("staging status --json").output)["state"]?.string == "stopped")
    let json = try project.poolops(["experiment", "run", "plain", "--json", "--quiet"])
    #expect(json.error.isEmpty, "quiet: \(json.error)")
    _ = try JSONText.parse(json.output)
  }

  @Test func `a guard that trips stops the load and puts staging back`() throws {
    let project = TestProject()
    let guards = "guards: [ \"throughput > 1 for 1s\" ]"
    project.add("guarded", Tiny(duration: "20s", more: guards).text)
    project.writeEnvFile()
    let ending = try project.poolops(["experiment", "run", "guarded"], within: .seconds(25))
    #expect(ending.status == Exit.rolledBack.rawValue, "\(ending)")
    #expect((ending.output + ending.error).contains("throughput > 1 for 1s"), "\(ending)")
    #expect(text(of: project.envFile) == TestProject.env)
    #expect(project.command("run list").output.contains("aborted"))
  }
}

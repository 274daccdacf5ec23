import Glibc
import Model
import TestSupport
import Testing

/// `poolops report` and `poolops runbook render --html`, inside this process.
@Suite struct ReportTests {
  private static func project(_ results: SyntheticResults = SyntheticResults(), title: String = "Tiny") throws
    -> TestProject
  {
    let project = TestProject()
    let text = Tiny(title: title).text
    project.add("tiny", text)
    try results.record(in: project, text)
    return project
  }

  @Test func `the newest execution is written unless another is named, and twice the same bytes`() throws {
    let project = try Self.project()
    try SyntheticResults(outcome: .rolledBack).record(in: project, Tiny().text)
    let page = project.root + "/page.html"
    for (words, id) in [("", "tiny#2"), (" tiny", "tiny#2"), (" tiny#1", "tiny#1")] {
      let ending = project.command("report\(words) --output \(page)")
      #expect(ending.status == 0 && ending.output.contains("\(id), GO"), "\(ending)")
      let first = try #require(text(of: page))
      #expect(first.contains("<title>\(id): GO</title>") && first.contains("run-"))
      _ = project.command("report\(words) --output \(page)")
      #expect(text(of: page) == first)
    }
    let json = project.command("report --json -o \(page)")
    #expect(throws: Never.self) { try JSONText.parse(json.output) }
    #expect(json.output.contains("\"execution\": \"tiny#2\""), "\(json)")
  }

  @Test func `two runs of different executions stand one after the other, the first as before`() throws {
    let project = try Self.project()
    try SyntheticResults().record(in: project, Tiny().text)
    let path = project.root + "/runs.html"
    for (words, says) in [
      ("run-2 run-1", "take turns"), ("run-1 run-3", "one after the other"), ("2 4", "one after the other"),
    ] {
      let ending = project.command("report \(words) -o \(path)")
      let page = try #require(text(of: path))
      #expect(ending.status == 0 && page.contains(says), "\(ending)")
      #expect(
        page.contains("before (run-\(words.filter(\.isNumber).prefix(1)))") && page.contains("How long requests took"))
      // Blocks of six seconds: two of each run, with room for the other arm's where they took turns.
      #expect(page.contains("Over 24 s") || page.contains("Over 36 s"))
    }
  }

  @Test func `an execution that was cut off has a page, and says what ended it`() throws {
    let project = try Self.project(SyntheticResults(isCutOff: true))
    let ending = project.command("report -o \(project.root)/page.html")
    let page = try #require(text(of: project.root + "/page.html"))
    #expect(ending.status == 0 && ending.output.contains("not judged"), "\(ending)")
    #expect(page.contains("guard tripped: error_rate &gt; 50% for 1s") && page.contains("retest failed"))
    #expect(page.contains("nothing can be compared") && page.contains("Second by second"))
  }

  private static let refused: [(line: String, status: Exit, says: [String])] = [
    ("report tinny", .usage, ["'tinny'", "did you mean 'tiny'?", "tiny#1"]),
    ("report tiny#7", .usage, ["'tiny#7'", "did you mean 'tiny#1'?"]),
    ("report tiny tiny", .usage, ["tiny#1 is an execution, not a run"]),
    ("report run-1", .usage, ["run-1 is one run", "Its execution is tiny#1"]),
    ("report run-1 run-1", .usage, ["run-1 would be compared with itself"]),
    ("report run-1 run-1,run-2", .usage, ["two runs", "run-1,run-2"]),
    ("report run-1 run-2 run-3", .usage, ["'run-3'"]),
    ("report run-1 run-9", .usage, ["run-9"]),
    ("report tiny -o /nowhere/at/all.html", .badConfiguration, ["cannot write /nowhere/at/all.html", "No such file"]),
    ("runbook render pool --html /nowhere/at/all.html", .badConfiguration, ["cannot write /nowhere/at/all.html"]),
    ("runbook render --html /tmp/never.html", .usage, ["--html", "one runbook"]),
    ("runbook render gone --html /tmp/never.html", .badConfiguration, ["missing.png", "gone.md"]),
    ("runbook render outside --html /tmp/never.html", .badConfiguration, ["../secret.png"]),
  ]

  @Test(arguments: refused) func `what cannot be written is said, and what was meant`(
    line: String, status: Exit, says: [String]
  ) throws {
    let project = try Self.project()
    Self.addRunbooks(project)
    let ending = project.command(line)
    #expect(ending.status == status.rawValue, "\(ending)")
    for words in says { #expect(ending.error.contains(words), "\(ending.error)") }
    #expect(access("/tmp/never.html", F_OK) != 0)
  }

  @Test func `without any execution it says what to type`() throws {
    let project = TestProject()
    #expect(project.command("report").error.contains("no results file"))
    try SyntheticResults().record(in: project, "no: experiment")
    #expect(project.command("report -o \(project.root)/page.html").status == 0, "an experiment that cannot be read")
  }

  @Test func `no password leaves with a page`() throws {
    let url = "postgresql://u:\(TestProject.secret)@db.example/app"
    let project = try Self.project(SyntheticResults(note: "connection to \(url) failed"), title: "\"Tiny at \(url)\"")
    let ending = project.command("report -o \(project.root)/page.html")
    let page = try #require(text(of: project.root + "/page.html"))
    #expect(ending.status == 0 && !page.contains(TestProject.secret) && page.contains("***"))
  }

  private static func addRunbooks(_ project: TestProject) {
    project.makeFolder(project.root + "/runbooks")
    let pool = """
      # Pool <size>

      <script>alert(1)</script>

      Go <i onclick="x()">[up](#roll-it-back)</i> [js](javascript:alert(1)) ![far](https://example.org/x.png)

      - [x] done
      - [ ] not yet

      | a | b |
      |---|--:|
      | 1 | <b>2</b> |

      ## Roll it back

      ![dot \"quoted\"](dot.png)

      <!-- poolops:begin chart experiment=tiny -->
      <!-- poolops:end chart -->

      """
    write(pool, to: project.root + "/runbooks/pool.md")
    write("# Gone\n\n![x](missing.png)\n", to: project.root + "/runbooks/gone.md")
    write("# Outside\n\n![x](../secret.png)\n", to: project.root + "/runbooks/outside.md")
    writeBytes([0x89, 0x50, 0x4E, 0x47], to: project.root + "/runbooks/dot.png")
  }

  @Test func `a runbook becomes one page, with its images inside and without raw HTML`() throws {
    let project = try Self.project()
    Self.addRunbooks(project)
    let ending = project.command("runbook render pool --html \(project.root)/pool.html")
    #expect(
      ending.status == 0 && ending.output.contains("rewrote chart, tiny-latency.svg and tiny-time.svg"), "\(ending)")
    let page = try #require(text(of: project.root + "/pool.html"))
    let parts = [
      "<title>Pool </title>", "<span id=\"roll-it-back\">Roll it back</span>", "href=\"#roll-it-back\"",
      "type=\"checkbox\" checked", "<th scope=\"col\" align=\"right\">b</th>",
      "<img alt=\"dot &quot;quoted&quot;\" src=\"data:image/png;base64,iVBORw==\">", "id=\"tiny-latency-latency-t\"",
      "[image elsewhere: far]",
    ]
    for part in parts { #expect(page.contains(part), "\(part)") }
    for part in ["<script", "javascript:", "https://example.org", "poolops:begin", "<b>", "onclick"] {
      #expect(!page.contains(part), "\(part)")
    }
    #expect(project.command("runbook render pool").output.contains("nothing to rewrite"))
  }

  @Test func `a chart that is missing or was changed is named by check, and written by render`() throws {
    let project = try Self.project()
    Self.addRunbooks(project)
    _ = project.command("runbook render pool")
    #expect(project.command("runbook check pool").status == 0)
    let path = project.root + "/runbooks/tiny-time.svg"
    let drawn = try #require(text(of: path))
    write(drawn + "<!-- by hand -->", to: path)
    unlink(project.root + "/runbooks/tiny-latency.svg")
    let check = project.command("runbook check pool")
    #expect(check.status == Exit.noGo.rawValue)
    #expect(check.output.contains("tiny-latency.svg") && check.output.contains("is missing"), "\(check.output)")
    #expect(check.output.contains("tiny-time.svg") && check.output.contains("not what the evidence gives"))
    let dry = project.command("runbook render pool --dry-run")
    #expect(dry.output.contains("would rewrite tiny-latency.svg and tiny-time.svg"), "\(dry)")
    #expect(text(of: path) != drawn, "a dry run writes nothing")
    _ = project.command("runbook render pool")
    #expect(text(of: path) == drawn && project.command("runbook check pool").status == 0)
  }
}

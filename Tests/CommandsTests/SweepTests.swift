import CPlatform
import Glibc
import Model
import Staging
import Store
import Testing

/// `poolops sweep`: real processes, a real PostgreSQL, a real file.
@Suite(.serialized) struct SweepTests {
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.add("tiny", Tiny(duration: "500ms").text)
    let section = "sweep: { max_size: [2, 4], users: [4, 8], warm_up: 0s, duration: 500ms }"
    project.add("grid", Tiny(more: section).text)
    project.add("slow", Tiny(duration: "20s").text)
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  private static let words = [
    "sweep", "tiny", "--pool", "2,4", "--users", "4,8", "--duration", "500ms", "--warm-up", "0s",
  ]

  private func expectClean(_ project: TestProject, _ place: String = "") throws {
    #expect(text(of: project.envFile) == TestProject.env, "\(place): the env file is not as it was")
    let store = try project.results()
    #expect(try store.openChanges() == [] && store.unfinishedExecutions() == [], "\(place)")
    #expect(try store.runs().allSatisfy { $0.status != .running } && store.integrityCheck() == [], "\(place)")
  }

  @Test func `every cell is a run, the table is rendered again byte for byte, and two cells can be compared`() throws {
    let project = try Self.shared.get()
    let chart = project.root + "/sweep.svg"
    let ending = try project.poolops(Self.words + ["--repeat", "2", "--chart", chart])
    #expect(ending.status == 0, "\(ending)")
    for word in ["4 of 4 cells measured", "2 rounds of blocks of 500ms", "server CPU", "<- knee", "Knee"] {
      #expect(ending.output.contains(word), "\(word): \(ending.output)")
    }
    #expect(
      ending.error.contains("\(try #require(project.results().sweeps(of: "tiny").first).id): 8 blocks"), "\(ending)")
    try expectClean(project)
    let store = try project.results()
    let sweep = try #require(try store.sweeps(of: "tiny").first)
    let runs = try store.runs().filter { $0.execution == sweep.id }
    #expect(runs.count == 4 && runs.allSatisfy { $0.status == .finished && $0.kind == .sweep })
    for run in runs {
      let recorded = try #require(try store.recordedRun(run.id))
      #expect(
        recorded.blocks.map(\.block.pair) == [0, 1] && recorded.blocks.allSatisfy { $0.block.status == .finished })
      #expect(recorded.blocks.allSatisfy { $0.block.effective?.maxSize == run.wanted.maxSize && !$0.slices.isEmpty })
      #expect(run.environment["postgres_version"] != nil && run.environment["load"]?.contains(" users") == true)
    }

    let shown = project.command("sweep show tiny")
    #expect(shown.status == 0 && shown.output == ending.output)
    let again = project.command("sweep show \(sweep.id) --chart \(chart)-2")
    #expect(again.output == ending.output && text(of: chart) != nil && text(of: chart) == text(of: chart + "-2"))
    let json = try JSONText.parse(project.command("sweep show tiny --json").output)
    #expect(json["cells"]?.array.count == 4 && json["knees"]?.array.count == 2)
    #expect(project.command("sweep show tiny --markdown").output.contains("| pool | users |"))

    let (four, eight) = (sweep.cells.filter { $0.level == .users(8) }.sorted { $0.size < $1.size }, sweep.cells[0])
    let pair = four.compactMap(\.run).map { "\($0)" }
    let diff = project.command("diff \(pair.joined(separator: " "))")
    #expect(diff.output.contains("paired blocks: 2 pairs"), "\(diff)")
    #expect(project.command("run list").output.contains("sweep"))
    #expect(project.command("run show \(eight.run.map { "\($0)" } ?? "")").output.contains("Next: poolops sweep show"))
    let sized = project.command("size --from \(pair[0]) --json")
    #expect(sized.output.contains("\"value\": 8") || sized.output.contains("8 users"), "the cell's own users: \(sized)")
    for line in ["diff tiny", "diff \(sweep.id)", "go-no-go"] {
      let refused = project.command(line)
      #expect(refused.status != 0 && !refused.output.contains("\(sweep.id)"), "\(line): \(refused)")
    }
    #expect(project.command("diff \(sweep.id)").error.contains("is a sweep"))
  }

  @Test(arguments: [
    "preflight:beginExecution:1", "preflight:beginStage:1", "apply:recordChange:1", "apply:apply:2",
    "verify:setChange:2", "cell:poll:1",
    "cell:finishBlock:2", "cell:finishRun:3", "cell:finishStage:4", "rollback:revert:1", "confirm:closeChanges:1",
    "confirm:finishExecution:1",
  ]) func `a sweep that was killed goes on with the missing cells, at once or after recover`(place: String) throws {
    let project = try Self.shared.get()
    for recovers in [false, true] {
      let before = try project.results().sweeps(of: "grid").map(\.id)
      let killed = try project.poolops(["sweep", "grid"], variables: ["KILL_AT": place], program: "Killable")
      #expect(killed.status == 128 + SIGKILL, "\(place): \(killed)")
      let begun = try project.results().sweeps(of: "grid").first { !before.contains($0.id) }
      let measured = begun.map { $0.cells.count { $0.run != nil } } ?? 0
      if recovers {
        let recovered = try project.poolops(["experiment", "recover"])
        #expect(recovered.status == 0, "\(place): \(recovered)")
        try expectClean(project, place)
      }
      // Killed before it was a sweep, or after its last cell: then the next one is a new one.
      let next = try project.poolops(["sweep", "grid"])
      let needsRecover = !recovers && begun?.finished != nil && place != "confirm:finishExecution:1"
      guard !needsRecover else {
        #expect(next.status == Exit.locked.rawValue && next.error.contains("poolops experiment recover"), "\(place)")
        #expect(try project.poolops(["experiment", "recover"]).status == 0)
        continue
      }
      #expect(next.status == 0 && next.output.contains("4 of 4 cells measured"), "\(place): \(next)")
      if let begun, begun.finished == nil {
        #expect(next.output.contains("\(begun.id)"), "\(place): the same sweep goes on: \(next.output)")
        #expect(measured < 2 || next.error.contains("goes on: "), "\(place): \(next.error)")
      }
      if begun == nil || begun?.finished != nil { _ = try project.poolops(["experiment", "recover"]) }
      try expectClean(project, place)
    }
  }

  @Test func `Ctrl-C puts staging back, ends with 130, and the same command or --resume goes on`() throws {
    let project = try Self.shared.get()
    for words in [["sweep", "tiny", "--resume"], Self.words] {
      let stopped = try project.poolops(
        Self.words, variables: ["INTERRUPT_AT": "cell:finishBlock:2"], program: "Killable")
      #expect(stopped.status == Exit.interrupted.rawValue, "\(stopped)")
      #expect(stopped.error.contains("staging is as it was; 'poolops sweep tiny --resume' goes on"), "\(stopped.error)")
      #expect(stopped.output.contains("not measured"), "\(stopped.output)")
      try expectClean(project)
      let id = try #require(try project.results().sweeps(of: "tiny").first)
      #expect(project.command("sweep show tiny").status == Exit.inconclusive.rawValue)
      let dry = project.command(words.joined(separator: " ") + " --dry-run")
      #expect(dry.output.contains("\(id.id) was interrupted, and would go on"), "\(dry)")
      let finished = try project.poolops(words)
      #expect(finished.status == 0 && finished.output.contains("\(id.id)"), "\(finished)")
      #expect(finished.output.contains("It was interrupted 1 time"), "\(finished.output)")
      try expectClean(project)
    }
    let none = try project.poolops(["sweep", "tiny", "--resume"])
    #expect(none.status == Exit.usage.rawValue && none.error.contains("lacks anything"), "\(none)")
  }

  @Test func `an interrupted sweep does not go on under another experiment, and --new begins another`() throws {
    let project = try Self.shared.get()
    project.add("moved", Tiny(duration: "500ms").text)
    let words = ["sweep", "moved"] + Self.words.dropFirst(2)
    let stopped = try project.poolops(words, variables: ["INTERRUPT_AT": "cell:poll:1"], program: "Killable")
    #expect(stopped.status == Exit.interrupted.rawValue, "\(stopped)")
    project.add("moved", Tiny(title: "Another", duration: "500ms").text)
    let refused = try project.poolops(["sweep", "moved", "--resume"])
    #expect(refused.status == Exit.inconclusive.rawValue && refused.error.contains("is not what it was when moved#1"))
    let begun = try project.poolops(words)
    #expect(begun.status == 0 && begun.output.contains("moved#2"), "\(begun)")
    project.add("moved", Tiny(duration: "500ms").text)
    #expect(try project.poolops(words + ["--new"]).output.contains("moved#3"))
  }

  @Test func `the knee is searched for under the highest load`() throws {
    let project = try Self.shared.get()
    let found = try project.poolops([
      "sweep", "tiny", "--find-knee", "--users", "4,8", "--duration", "1s", "--warm-up", "0s",
    ])
    #expect(found.status == 0, "\(found)")
    let sweep = try #require(try project.results().sweeps(of: "tiny").first)
    // Eight users of 10 ms each: no pool above eight can be used.
    #expect(sweep.limit == 8 && sweep.cells.map(\.size).prefix(2) == [4, 8] && sweep.cells.count <= 5)
    #expect(sweep.spec.levels == [.users(8)] && found.output.contains("Search for the knee up to 8 connections"))
    try expectClean(project)
  }

  @Test func `the knee is confirmed in pairs, also after a kill, and a runbook follows both`() throws {
    let project = try Self.shared.get()
    project.add("knee", Tiny(duration: "500ms").text)
    let sweep = ["sweep", "knee", "--pool", "2,8"]
    #expect(project.command("sweep confirm knee").status == Exit.inconclusive.rawValue, "nothing was swept")
    let swept = try project.poolops(sweep)
    #expect(swept.status == 0 && swept.output.contains("Next: poolops sweep confirm knee"), "\(swept)")
    let words = ["sweep", "confirm", "knee", "--pairs", "6"]
    let dry = project.command(words.joined(separator: " ") + " --dry-run")
    #expect(dry.output.contains("the knee of knee#1") && dry.output.contains("pools of 2 and 8 at 8 users"), "\(dry)")
    let killed = try project.poolops(words, variables: ["KILL_AT": "cell:finishBlock:2"], program: "Killable")
    #expect(killed.status == 128 + SIGKILL, "\(killed)")
    let ending = try project.poolops(words)
    #expect(ending.error.contains("knee#2 goes on: ") && ending.output.contains("paired blocks: 6 pairs"), "\(ending)")
    // A machine whose CPU somebody else takes decides nothing, and says so.
    let isBusy = ending.status == Exit.inconclusive.rawValue && ending.output.contains("Not decided: run-")
    let found = isBusy ? "Not decided: run-" : "Confirmed: 8 connections instead of 2: improved"
    #expect((isBusy || ending.status == 0) && ending.output.contains(found), "\(ending)")
    try expectClean(project)
    #expect(project.command("sweep show knee").output == ending.output)
    let json = project.command("sweep show knee#2 --json").output
    #expect(
      try JSONText.parse(json)["confirms"]?.string == "knee#1" && json.contains("\"confirmed\": \(!isBusy)"), "\(json)")
    for (line, word) in [
      ("sweep confirm knee#2", "is a confirmation itself"), ("sweep confirm knee --users 4", "has no cell at 4 users"),
      ("sweep confirm knee#9", "there is no sweep 'knee#9'"),
    ] {
      let refused = project.command(line)
      #expect(refused.status == Exit.usage.rawValue && refused.error.contains(word), "\(line): \(refused)")
    }

    _ = try project.poolops(["experiment", "run", "knee"])
    project.makeFolder(project.root + "/runbooks")
    write(
      "# Knee\n\n<!-- poolops:begin sweep experiment=knee -->\n<!-- poolops:end sweep -->\n",
      to: project.root + "/runbooks/knee.md")
    #expect(
      project.command("runbook render knee.md").status == 0 && project.command("runbook check knee.md").status == 0)
    let page = text(of: project.root + "/runbooks/knee.md") ?? ""
    #expect(page.contains("knee#1") && page.contains(found) && page.contains("](knee-sweep.svg)"))
    #expect(text(of: project.root + "/runbooks/knee-sweep.svg")?.contains("Sweep knee#1") == true)
    #expect(try project.poolops(sweep).status == 0)
    let stale = project.command("runbook check knee.md")
    #expect(stale.status == Exit.noGo.rawValue && stale.output.contains("sweep"), "\(stale)")
    project.add("knee", Tiny(title: "Another", duration: "500ms").text)
    #expect(project.command("sweep confirm knee").error.contains("is not what it was when knee#4 was measured"))
  }

  private static let refusals: [(line: String, status: Exit, words: [String])] = [
    ("sweep tiny --users 5", .usage, ["a sweep needs pool sizes, such as --pool 10,20,50", "--find-knee"]),
    ("sweep tiny --pool 20..10", .usage, ["'20..10'", "--pool", "10..100:10"]),
    ("sweep tiny --pool 0", .usage, ["'0'", "--pool"]),
    ("sweep tiny --pool 5 --users 1,x", .usage, ["'1,x'", "--users"]),
    ("sweep tiny --pool 5 --rate -1", .usage, ["--rate"]),
    ("sweep tiny --pool 5 --users 5 --rate 5", .usage, ["'--users' or '--rate'"]),
    ("sweep tiny --pool 5 --duration 0s", .usage, ["--duration"]),
    ("sweep tiny --pool 5 --repeat 0", .usage, ["'0'", "from 1 to 500"]),
    ("sweep tiny --pool 5 --again 21", .usage, ["'21'", "from 0 to 20"]),
    ("sweep tiny --pool 5 --again 1", .usage, ["500ms", "windows of 5 s", "10s or more"]),
    ("sweep confirm tiny --pairs 0", .usage, ["'0'", "--pairs"]),
    ("sweep confirm tiny --users 5 --rate 5", .usage, ["'--users' or '--rate'"]),
    ("sweep confirm nothing", .usage, ["there is no sweep 'nothing'"]),
    ("sweep tiny --resume --pool 5", .usage, ["leave out '--pool'"]),
    ("sweep tiny --resume --new", .usage, ["'--resume' or '--new'"]),
    ("sweep tiny --pool 5 --json --markdown", .usage, ["'--json' or '--markdown'"]),
    ("sweep tini --pool 5", .usage, ["'tini'", "Did you mean 'tiny'?"]),
    ("sweep tiny --pool 1..1000 --users 1..11", .usage, ["11000 cells", "at most 10000"]),
    ("sweep show nothing", .usage, ["there is no sweep 'nothing'"]),
    ("sweep show slow", .inconclusive, ["'slow' was never swept", "poolops sweep slow --pool"]),
    ("sweep show tiny#999", .usage, ["there is no sweep 'tiny#999'"]),
    (
      "sweep tiny --pool 5,30,38,50,60 --duration 1s", .badConfiguration,
      ["for a pool of", "38, 50, 60", "max_connections"]
    ),
  ]

  @Test(arguments: refusals) func `what cannot be measured is refused in the user's own words`(
    line: String, status: Exit, words: [String]
  ) throws {
    let project = try Self.shared.get()
    let ending = try project.poolops(line.split(separator: " ").map(String.init))
    #expect(ending.status == status.rawValue, "\(ending)")
    #expect(words.filter { !ending.error.contains($0) } == [], "\(ending.error)")
    #expect(text(of: project.envFile) == TestProject.env)
  }

  @Test func `a plan counts cells and time, and touches nothing`() throws {
    let project = TestProject()
    project.add("tiny", Tiny().text)
    let dry = project.command("sweep tiny --pool 2..10:2 --users 4,8,16 --duration 9s --warm-up 500ms --dry-run")
    #expect(
      dry.status == 0 && dry.output.contains("15 cells")
        && dry.output.replacing("\n", with: " ").contains("2 min 30 s"), "\(dry)")
    #expect(bytes(of: project.database) == nil && bytes(of: project.envFile) == nil)
  }

  @Test func `a staging that somebody else holds is refused, and the holder named`() throws {
    let project = try Self.shared.get()
    let program = try start(project, "slow", until: "baseline:poll:1")
    let refused = try project.poolops(Self.words)
    #expect(refused.status == Exit.locked.rawValue && refused.error.contains("\(program.pid)"), "\(refused)")
    program.signal(SIGTERM)
    try program.wait()
    try expectClean(project)
  }

  @Test func `a limit on the size of files ends a sweep with staging as it was, and it goes on when there is room`()
    throws
  {
    let project = try Self.shared.get()
    let command = #"ulimit -f "$1"; shift; exec "$@""#
    var cutOff = 0
    for blocks in [450, 600, 750, 900] {
      let words = Self.words + ["-C", project.root, "--db", "\(project.root)/full-\(blocks).db"]
      let limited = try Program(
        "/bin/sh", ["-c", command, "sh", "\(blocks)", Program.products + "/poolops"] + words
      ).wait()
      #expect(text(of: project.envFile) == TestProject.env, "\(blocks): \(limited)")
      cutOff +=
        limited.status == Exit.rolledBack.rawValue && limited.error.contains("goes on with what is missing") ? 1 : 0
      let database = Array(words.suffix(2))
      #expect(try project.poolops(["experiment", "recover"] + database).status == 0)
      let next = try project.poolops(Self.words + database)
      #expect(next.status == 0 && next.output.contains("4 of 4 cells measured"), "\(blocks): \(next)")
      #expect(try project.poolops(["experiment", "recover"] + database).output.hasPrefix("Nothing is owed"))
    }
    #expect(cutOff > 0, "one of the limits struck while cells were measured")
  }
}

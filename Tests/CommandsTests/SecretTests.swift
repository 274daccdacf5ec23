import Glibc
import Model
import Staging
import Store
import Testing

/// No password anywhere: searched for, while it runs and afterwards.
@Suite(.serialized) struct SecretTests {
  @Test func `no secret is in the results, the runbook, any output or any other process`() throws {
    let project = TestProject()
    project.writeEnvFile()
    let cluster = try project.staging()
    let password = try #require(text(of: project.root + "/.poolops/staging/loopback-password")).filter { !$0.isNewline }
    try #require(password.count > 10)
    let secrets = [TestProject.secret, password]
    let url = "postgresql://poolops_app:\(password)@127.0.0.1:\(cluster.port)/poolops_staging"
    let staging = "{ url_env: STAGING_URL }"
    project.add("good", Tiny(staging: staging).text)
    project.add("greedy", Tiny(staging: staging, change: "{ max_size: 400 }").text)
    project.add("broken", Tiny(staging: staging).text.replacing("pg_sleep(0.01)", with: "no_such_function(1)"))
    project.add("leaky", Tiny(staging: "{ url_env: \"postgresql://u:\(TestProject.secret)@h/d\" }").text)
    project.add("misplaced", Tiny(baseline: "{ max_size: \"postgresql://u:\(TestProject.secret)@h/d\" }").text)
    project.makeFolder(project.root + "/runbooks")
    let path = project.root + "/runbooks/pool.md"
    let regions = ["problem", "change", "before-after", "apply", "verify", "rollback", "watch", "decisions"]
    write(
      regions.map { "<!-- poolops:begin \($0) experiment=good -->\n<!-- poolops:end \($0) -->\n" }.joined(), to: path)

    var outputs: [String] = []
    let program = try project.start(["experiment", "run", "good"], variables: ["STAGING_URL": url])
    var leaks: Set<String> = []
    var looks = 0
    while program.isRunning {
      leaks.formUnion(processes(showing: secrets, except: program.pid))
      leaks.formUnion(leaksInFiles(project, secrets))
      looks += 1
      usleep(20_000)
    }
    let good = try program.wait()
    #expect(good.status == Exit.inconclusive.rawValue, "\(good)")
    #expect(leaks.isEmpty && looks > 10, "\(leaks)")
    outputs.append("\(good)")

    let wrong = url.replacing(password, with: TestProject.secret)
    for (name, url) in [
      ("greedy", url), ("broken", url), ("leaky", url), ("good", wrong), ("good", url + "?sslmode=nonsense"),
    ] {
      let ending = try project.poolops(["experiment", "run", name], variables: ["STAGING_URL": url])
      #expect(ending.status != 0, "\(name): \(ending)")
      outputs.append("\(ending)")
    }
    // A secret as a word of the command line, by mistake.
    for line in [
      "diff \(wrong)", "experiment run \(wrong)", "experiment plan \(wrong)", "--url=\(wrong)", "run show \(wrong)",
    ] {
      outputs.append("\(project.command(line))")
    }
    let killed = try project.poolops(
      ["experiment", "run", "good"], variables: ["STAGING_URL": url, "KILL_AT": "retest:begin:1"], program: "Killable")
    #expect(killed.status == 128 + SIGKILL)
    write(TestProject.env.replacing("\"3\"", with: "4"), to: project.envFile)
    for line in [
      "experiment recover", "experiment recover --force", "experiment recover --json", "run list",
      "run show run-1 --json",
      "diff good", "runbook render", "go-no-go", "staging status", "staging status --json", "experiment validate",
      "experiment validate --json", "experiment plan good",
    ] {
      outputs.append("\(project.command(line))")
    }
    for output in outputs {
      for secret in secrets { #expect(!output.contains(secret), "\(output)") }
    }
    #expect(leaksInFiles(project, secrets).isEmpty)
    #expect(text(of: path)?.contains("run-1") == true, "the runbook was rendered")
    #expect(text(of: project.envFile) == TestProject.env)
  }

  /// Command lines of all processes, and what the servers and their children were given as environment.
  private func processes(showing secrets: [String], except own: pid_t) -> [String] {
    numbers(in: "/proc").flatMap { pid -> [String] in
      let line = text(of: "/proc/\(pid)/cmdline") ?? ""
      // The person's own shell gave the URL to poolops itself; nobody else may have it.
      let environment = pid == own || pid == getpid() ? "" : text(of: "/proc/\(pid)/environ") ?? ""
      return secrets.filter { line.contains($0) || environment.contains($0) }.map { _ in "process \(pid): \(line)" }
    }
  }

  private func numbers(in folder: String) -> [pid_t] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var found: [pid_t] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if let pid = pid_t(name) { found.append(pid) }
    }
    return found
  }

  private func leaksInFiles(_ project: TestProject, _ secrets: [String]) -> [String] {
    let files = [
      "results.db", "results.db-wal", "results.db-journal", "runbooks/pool.md", ".poolops/staging/cluster/server.log",
    ]
    return files.filter { file in
      let content = text(of: project.root + "/" + file) ?? ""
      return secrets.contains { content.contains($0) }
    }
  }

  @Test func `every output of the suite is searched for what it planted`() {
    // Nothing that a person types as a name is a secret to poolops, so it comes back, and the search finds it.
    withKnownIssue { _ = run(["settings", "show", TestProject.secret]) }
  }
}

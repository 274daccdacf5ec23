import Glibc
import Model
import Staging
import Testing

/// What a person sees: a terminal from `script`, and a pipe.
@Suite(.serialized) struct TerminalTests {
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.add("tiny", Tiny(duration: "1s", checks: "[ \"p(95) < 1ms\" ]").text)
    project.add("slow", Tiny(duration: "30s").text)
    _ = try project.staging()
    return project
  }

  /// Everything that the program writes to a terminal of 100 columns.
  private func terminal(_ project: TestProject, _ variables: [String: String] = [:]) throws -> String {
    let command = "stty cols 100; '\(Program.products)/poolops' experiment run tiny -C '\(project.root)'"
    let program = try Program(
      "/usr/bin/script", ["-q", "-e", "-c", command, "/dev/null"],
      variables: ["TERM": "xterm-256color", "SHELL": "/bin/sh"].merging(variables) { $1 })
    let ending = try program.wait()
    #expect(ending.status == Exit.noGo.rawValue, "\(ending)")
    return ending.output
  }

  /// A machine that others use may leave it undecided.
  private func hasVerdict(_ text: String) -> Bool { text.contains("NO-GO") || text.contains("INCONCLUSIVE") }

  /// The lines that stay on the screen: `\r` goes to the start of the line, `ESC[K` clears the rest of it.
  private func screen(_ raw: String) -> [String] {
    raw.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let last = line.split(separator: "\r", omittingEmptySubsequences: false).last ?? ""
      return String(last).replacing("\u{1B}[K", with: "")
    }
  }

  private static var live: Regex<Substring> { /baseline.*\d:\d\d \/ \d:\d\d.*\d ?\/s.*p95 \d.*\d errors?.*waiting \d/ }

  @Test func `on a terminal one line shows the stage, time, rate, p95, errors and waiting, and is gone at the end`()
    throws
  {
    let raw = try terminal(try Self.shared.get())
    #expect(raw.contains("\u{1B}[K") && raw.contains("\u{1B}["))
    let plain = raw.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    let drawn = plain.replacing("\r\n", with: "\n").split(separator: "\r").map {
      String($0).replacing("\u{1B}[K", with: "")
    }
    #expect(drawn.contains { $0.contains(Self.live) }, "\(drawn)")
    #expect(drawn.allSatisfy { $0.split(separator: "\n").allSatisfy { $0.count <= 120 } })
    #expect(!plain.contains("warm-up"), "there is none: \(drawn)")
    let left = screen(plain)
    #expect(!left.contains { $0.contains("waiting ") && $0.contains(" / ") }, "the live line is gone: \(left)")
    #expect(left.contains(where: hasVerdict) && left.contains { $0.contains("rollback") }, "\(left)")
    #expect(!raw.contains("\u{1B}[?"), "no mode of the terminal is left changed")
  }

  @Test func `NO_COLOR and a dumb terminal get plain lines without colour or movement`() throws {
    let project = try Self.shared.get()
    let colourless = try terminal(project, ["NO_COLOR": "1"])
    #expect(!colourless.contains("\u{1B}"), "\(colourless)")
    let dumb = try terminal(project, ["TERM": "dumb"])
    #expect(!dumb.contains("\u{1B}"), "\(dumb)")
    #expect(hasVerdict(dumb))
  }

  @Test func `Ctrl-C on the terminal reaches poolops alone: staging is put back, and its server goes on`() throws {
    let project = try Self.shared.get()
    let server = try project.staging().postmasterPID
    let run = "'\(Program.products)/poolops' experiment run slow -C '\(project.root)'"
    let typed = "(sleep 1; printf '\\003'; sleep 1) | /usr/bin/script -q -e -c \"$1\" /dev/null"
    let ending = try Program("/bin/sh", ["-c", typed, "sh", run], variables: ["SHELL": "/bin/sh", "TERM": "xterm"])
      .wait()
    #expect(ending.status == Exit.interrupted.rawValue, "\(ending)")
    #expect(ending.output.contains("interrupted") && ending.output.contains("holds what it held before"), "\(ending)")
    #expect(access(project.envFile, F_OK) != 0 && kill(server, 0) == 0)
  }

  @Test func `a reader that goes away does not keep staging from being put back`() throws {
    let project = try Self.shared.get()
    project.writeEnvFile()
    defer { unlink(project.envFile) }
    let command = #""$1" experiment run tiny -C "$2" 2>&1 | head -n 1"#
    let ending = try Program(
      "/bin/sh", ["-c", command, "sh", Program.products + "/poolops", project.root]
    ).wait()
    #expect(ending.output == "preflight: staging is ready\n")
    #expect(text(of: project.envFile) == TestProject.env)
    #expect(project.command("experiment recover").output.hasPrefix("Nothing is owed"))
  }

  @Test func `a pipe gets plain lines, data on one side and messages on the other`() throws {
    let ending = try Self.shared.get().poolops(["experiment", "run", "tiny"])
    #expect(!(ending.output + ending.error).contains("\u{1B}") && !ending.error.contains("\r"))
    let stages = ["preflight", "apply", "verify", "baseline", "retest", "judge", "rollback", "confirm"]
    for stage in stages { #expect(ending.error.contains(stage), "\(ending.error)") }
    #expect(ending.error.contains(Self.live), "a block has its line: \(ending.error)")
    #expect(hasVerdict(String(ending.output.prefix { $0 != "\n" })), "\(ending.output)")
  }
}

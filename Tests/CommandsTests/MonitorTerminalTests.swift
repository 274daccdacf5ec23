import Glibc
import Model
import TestSupport
import Testing

/// The screen of `poolops monitor` on a terminal from `script`, with somebody who types.
@Suite(.serialized) struct MonitorTerminalTests {
  private struct Session {
    var status: Int32
    var raw: String
    /// What `stty -g` says before and after.
    var modes: [String]

    /// The screens that were drawn, as lines without colour.
    var screens: [[String]] {
      raw.split(separator: "\u{1B}[H").dropFirst().map { screen in
        let drawn = (screen.split(separator: "\u{1B}[J").first ?? "").replacing(#/\u{1B}\[[0-9;]*[mK]/#, with: "")
        return drawn.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
          .dropLast().map(String.init)
      }
    }
  }

  /// - Parameter deed: a shell's line for when the first screen is there; `$1` is the terminal's device, `$2` the process.
  private func session(_ deed: String, _ variables: [String: String] = [:]) throws -> Session {
    let folder = TemporaryFolder()
    let url = try MonitorTests.variables()["ADMIN_URL"] ?? ""
    let inner = """
      trap : INT; cd '\(folder.path)'; tty >tty; stty cols 80 rows 24; stty -g >modes
      sh -c 'echo $$ >pid; exec "\(Program.products)/poolops" monitor postgres=ADMIN_URL --interval 200ms'
      code=$?; stty -g >>modes; exit $code
      """
    let script = """
      cd '\(folder.path)'
      seen() { i=0; until grep -aq "$1" typescript 2>/dev/null || [ $i -gt 300 ]; do sleep 0.1; i=$((i+1)); done; }
      screens() { grep -ac 'q quits' typescript; }
      redrawn() { n=$(($(screens) + 2)); i=0; until [ $(screens) -gt $n ] || [ $i -gt 300 ]; do sleep 0.1; i=$((i+1)); done; }
      ended() { i=0; until [ $(wc -l <modes) -ge 2 ] || [ $i -gt 300 ]; do sleep 0.1; i=$((i+1)); done; }
      { seen 'slots free'; set -- "$(cat tty)" "$(cat pid)"; \(deed); ended; } |
        script -q -f -e -c "$INNER" typescript >/dev/null
      """
    let program = try Program(
      "/bin/sh", ["-c", script],
      variables: ["TERM": "xterm-256color", "SHELL": "/bin/sh", "INNER": inner, "ADMIN_URL": url]
        .merging(variables) { $1 })
    let status = try program.wait(within: .seconds(60)).status
    let modes = (text(of: folder.path + "/modes") ?? "").split(separator: "\n").map(String.init)
    return Session(status: status, raw: text(of: folder.path + "/typescript") ?? "", modes: modes)
  }

  private func expectRestored(_ session: Session) {
    #expect(session.modes.count == 2 && session.modes.first == session.modes.last, "\(session.modes)")
    let (enter, leave) = ("\u{1B}[?1049h\u{1B}[?25l", "\u{1B}[?25h\u{1B}[?1049l")
    #expect(session.raw.contains(enter) && session.raw.split(separator: leave).count == 2, "\(session.raw.suffix(200))")
  }

  @Test func `a screen fits 80 columns and 24 rows, says what is seen, and q leaves the terminal as it was`() throws {
    let session = try session("printf q")
    #expect(session.status == 0, "\(session.raw)")
    expectRestored(session)
    let screens = session.screens
    #expect(!screens.isEmpty && screens.allSatisfy { $0.count <= 23 && $0.allSatisfy { $0.count < 80 } }, "\(screens)")
    let last = try #require(screens.last)
    #expect(last[0].contains(" UTC  CALM") && last.last == "q quits", "\(last)")
    #expect(last.contains { $0.hasPrefix("ADMIN_URL  ") && $0.contains("slots free") }, "\(last)")
  }

  @Test(arguments: [
    (#"printf '\003'"#, Exit.interrupted), (#"kill -TERM "$2""#, .terminated), (#"kill -HUP "$2""#, .terminated),
    (#"printf '\032q'"#, .go),
  ])
  func `Ctrl-C and SIGTERM leave the terminal as it was, and Ctrl-Z does not leave it in between`(
    deed: String, status: Exit
  ) throws {
    let session = try session(deed)
    #expect(session.status == status.rawValue, "\(session.raw)")
    expectRestored(session)
  }

  @Test func `another size of the terminal is drawn at once`() throws {
    let session = try session(#"stty -F "$1" cols 50 rows 10; redrawn; printf q"#)
    #expect(session.status == 0)
    expectRestored(session)
    let last = try #require(session.screens.last)
    #expect(last.count <= 9 && last.allSatisfy { $0.count < 50 } && last[0].contains("CALM"), "\(last)")
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]]) func `where nothing may move, there are lines`(
    variables: [String: String]
  ) throws {
    let session = try session(#"printf '\003'"#, variables)
    #expect(session.status == Exit.interrupted.rawValue && !session.raw.contains("\u{1B}"), "\(session.raw)")
    #expect(session.raw.contains("slots free"))
  }
}

import Model
import Testing

@testable import Commands

@Suite struct AppGaugesTests {
  @Test(arguments: [[:], ["METRICS_TOKEN": ""]]) func `a token that is not there is told before any load`(
    variables: [String: String]
  ) {
    let endpoint = PoolEndpoint(url: "http://127.0.0.1:1/", tokenVariable: "METRICS_TOKEN")
    let failure = #expect(throws: Failure.self) {
      _ = try AppGauges(endpoint: endpoint, variables: variables).open()
    }
    #expect(failure?.status == .badConfiguration && failure?.message.contains("METRICS_TOKEN") == true)
  }

  /// Looks ten times a second at an app that tells or does not, `pattern` a second: `+` or `-`, and `|` where a block ends and
  /// the next one begins a minute later.
  private func said(_ pattern: String, timeout: Duration = .seconds(1)) -> [String] {
    var silence = Silence(timeout: timeout)
    var now = ContinuousClock.now
    var said: [String] = []
    silence.begin()
    for (second, letter) in pattern.enumerated() {
      if letter == "|" {
        now += .seconds(60)
        silence.begin()
        continue
      }
      for _ in 0..<10 {
        if let remark = silence.remark(letter == "-" ? "gone" : nil, at: now) { said.append("\(second): \(remark)") }
        now += .milliseconds(100)
      }
    }
    return said
  }

  @Test(arguments: [
    ("+-+--+++", []), ("+----++", ["3: silent", "5: again"]), ("--|--", ["4: silent"]),
    // A restart between two blocks, and an app that is slow to answer first.
    ("+++|--++", []), ("+-|-+|-+|--+", []), ("+----|--|+", ["3: silent", "9: again"]),
  ]) func `an app's silence under load is said once when it lasts, and its end once`(pattern: String, lines: [String]) {
    let words = lines.map {
      $0.replacing("silent", with: "the app tells nothing of its pool: gone")
        .replacing("again", with: "the app tells of its pool again")
    }
    #expect(said(pattern) == words)
  }

  @Test func `an answer that may take long is waited for`() {
    #expect(said("------+", timeout: .seconds(6)) == [])
    #expect(said("---------+", timeout: .seconds(6)).count == 2)
  }
}

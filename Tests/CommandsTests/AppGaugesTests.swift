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

  @Test func `an app's silence is said once when it lasts, and its end once`() {
    var silence = Silence()
    let faults: [String?] = [nil, "late", nil, "gone", "gone", "gone", "gone", nil, nil]
    let said = faults.map { silence.remark($0) }
    let lines = ["the app tells nothing of its pool: gone", "the app tells of its pool again"]
    #expect(said == [nil, nil, nil, nil, nil, lines[0], nil, lines[1], nil])
  }
}

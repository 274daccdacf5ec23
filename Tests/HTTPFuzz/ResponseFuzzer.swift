import HTTP
import Model

/// Reads each response by all ways, and compares.
struct ResponseFuzzer: ~Copyable {
  private let seed: UInt64
  private let only: Int?
  /// One request that looks into the answer, and one that takes any.
  private let judged: HTTPRequests
  private let unjudged: HTTPRequests

  init(seed: UInt64, only: Int?) throws(HTTPFault) {
    let captures = ["order.id"].compactMap { JSONPlace($0).flatMap(JSONCapture.init) }
      .map { HTTPRequestTemplate.Capture.json($0) }
    let request = HTTPRequestTemplate(
      path: [.text("/")], bodyContains: "o", captures: captures + [.header("x-id")])
    let judged = try HTTPRequests([request], host: "a", userAgent: "a")
    let unjudged = try HTTPRequests([HTTPRequestTemplate(path: "/")], host: "a", userAgent: "a")
    self.init(seed, only, judged, unjudged)
  }

  private init(_ seed: UInt64, _ only: Int?, _ judged: consuming HTTPRequests, _ unjudged: consuming HTTPRequests) {
    self.seed = seed
    self.only = only
    self.judged = judged
    self.unjudged = unjudged
  }

  /// Returns how input `number` ended.
  func check(_ number: Int) -> String {
    var random = Responses.Random(seed &* 0x2545_F491_4F6C_DD1D ^ UInt64(number))
    let bytes = Responses.response(&random)
    let isHead = random.below(16) == 0
    let whole = Outcome.parse(bytes, cuts: [], isHead: isHead)
    for _ in 0..<2 {
      let cuts = Responses.cuts(bytes.count, &random)
      compare(Outcome.parse(bytes, cuts: cuts, isHead: isHead), whole, bytes, cuts)
    }
    if number % 8 == 0, bytes.count < 60_000 { checkConnection(bytes, &random) }
    if only == number { print(String(decoding: bytes, as: UTF8.self), whole, separator: "\n----\n") }
    return whole.end.hasPrefix("whole") ? "whole" : whole.end
  }

  private func checkConnection(_ bytes: [UInt8], _ random: inout Responses.Random) {
    let cuts = Responses.cuts(bytes.count, &random)
    let outcomes: [Outcome]
    if random.below(2) == 0 {
      outcomes = [Outcome.receive(bytes, cuts: [], of: judged), Outcome.receive(bytes, cuts: cuts, of: judged)]
    } else {
      outcomes = [Outcome.receive(bytes, cuts: [], of: unjudged), Outcome.receive(bytes, cuts: cuts, of: unjudged)]
    }
    compare(outcomes[1], outcomes[0], bytes, cuts)
    if outcomes[0].end == "still pending" { fail("the end of the connection is no end") }
  }

  private func compare(_ cut: Outcome, _ whole: Outcome, _ bytes: [UInt8], _ cuts: [Int]) {
    if cut == whole { return }
    fail("cut at \(cuts) it is \(cut), and whole \(whole): \(String(decoding: bytes, as: UTF8.self))")
  }
}

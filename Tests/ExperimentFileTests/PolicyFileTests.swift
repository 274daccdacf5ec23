import Model
import Testing

@testable import ExperimentFile

@Suite struct PolicyFileTests {
  private static let known = PolicyFile.Known(
    experiments: ["baseline", "fail-fast", "peak"], runbooks: ["connection-pool.md", "failover.md"])

  private static func read(_ text: String) -> Result<GoNoGoPolicy, ExperimentFaults> {
    PolicyFile.parse(text: text, path: "runbooks/go-no-go.yaml", known: known)
  }

  @Test func `every key is read`() throws {
    let policy = try Self.read(
      """
      version: 1
      experiments:
        - peak
        - { name: fail-fast, max_age: 12h }
      max_age: 7d
      code: [Sources/**, Package.swift]
      rollback_rehearsed: true
      runbooks: [connection-pool, failover.md]
      manual:
        - { id: on-call-informed, text: " The engineer on call knows. ", max_age: 1.5d }
        - id: change-window
          text: >-
            The change window
            is open.
      """
    ).get()
    let expected = GoNoGoPolicy(
      experiments: [.init(experiment: "peak"), .init(experiment: "fail-fast", maxAge: .seconds(12 * 3600))],
      maxAge: .seconds(7 * 86_400), code: ["Sources/**", "Package.swift"], rollbackRehearsed: true,
      runbooks: ["connection-pool.md", "failover.md"],
      manual: [
        .init(id: "on-call-informed", text: "The engineer on call knows.", maxAge: .seconds(129_600)),
        .init(id: "change-window", text: "The change window is open."),
      ])
    #expect(policy == expected)
  }

  @Test func `what is not said is as without a file`() throws {
    #expect(try Self.read("version: 1").get() == GoNoGoPolicy())
    #expect(GoNoGoPolicy().experiments == nil && GoNoGoPolicy().maxAge == .seconds(30 * 86_400))
  }

  static let faulty: [(text: String, faults: [String])] = [
    ("", ["1:1: the file is empty; a policy begins with 'version: 1'"]),
    ("- peak", ["1:1: a policy is made of 'key: value' lines; it begins with 'version: 1'"]),
    ("version: 2\nnonsense: 3", ["1:10: '2' is no version that this poolops reads; write 1"]),
    ("max_age: 7d", ["1:1: 'version' is missing in the policy"]),
    (
      """
      version: 1
      experiment: [peak]
      experiments: [peek, baseline, baseline, { nam: peak }]
      max_age: 7
      code: [/etc/passwd, ../app, "", "a[b]", Sources, Sources]
      rollback_rehearsed: yes
      runbooks: [conection-pool]
      manual:
        - { id: "on call", text: "" }
        - { id: a, text: x, max_age: soon }
        - { id: a, text: y }
        - { text: z }
      """,
      [
        "2:1: 'experiment' is no key of the policy; did you mean 'experiments'?",
        "3:15: there is no experiment 'peek'; did you mean 'peak'? known: baseline, fail-fast, peak",
        "3:31: 'baseline' is named twice; the first one is on line 3", "3:41: 'name' is missing in an experiment",
        "3:43: 'nam' is no key of an experiment", "4:10: '7' has no unit; write 7d", "5:8: '/etc/passwd' is no path",
        "5:21: '../app' is no path", "5:29: '' is no path", "5:33: 'a[b]' is no path",
        "5:50: 'Sources' is named twice", "6:21: 'yes' is no value of rollback_rehearsed; write one of true, false",
        "7:12: there is no runbook 'conection-pool'; did you mean 'connection-pool'?",
        "9:11: 'on call' is no value of id; write letters, digits", "9:28: text is empty",
        "10:32: 'soon' is no age; write an age such as 30d, 12h or 90m",
        "11:5: 'a' is named twice; the first one is on line 10",
        "12:5: 'id' is missing in a manual item",
      ]
    ),
    (
      "version: 1\nexperiments: []\nmanual: peak\nmax_age: -3d",
      [
        "2:14: experiments is empty", "3:9: manual takes a list", "4:10: '-3d' is no age",
      ]
    ),
    ("version: 1\nmax_age: 0d\ncode: [", ["3:8: a value is missing here"]),
  ]

  @Test(arguments: faulty) func `every fault is named at once, with its place`(text: String, faults: [String]) {
    guard case .failure(let found) = Self.read(text) else {
      Issue.record("it was read: \(text)")
      return
    }
    let shown = found.faults.map { "\($0.line):\($0.column): \($0.message)" }
    let matches = shown.count == faults.count && zip(shown, faults).allSatisfy { $0.hasPrefix($1) }
    #expect(matches, "\(shown.joined(separator: "\n"))")
    #expect(found.faults.allSatisfy { $0.path == "runbooks/go-no-go.yaml" })
  }
}

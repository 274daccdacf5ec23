import Model

/// A new runbook: the sections that a good one has, with the regions that write themselves and hints for the prose.
package struct RunbookTemplate: Sendable {
  private let experiment: String
  private let title: String
  private let ecosystem: String?
  private let isSwept: Bool

  /// - Parameters:
  ///   - title: the experiment's own.
  ///   - ecosystem: whose words the settings are written in; nil leaves that section out.
  ///   - isSwept: whether there is a sweep to show.
  package init(experiment: String, title: String, ecosystem: String? = nil, isSwept: Bool = false) {
    self.isSwept = isSwept
    self.experiment = experiment
    self.title = title
    self.ecosystem = ecosystem
  }

  package var text: String {
    let parts =
      [head] + trigger + change + preconditions
      + [
        section("Steps", nil, "apply"),
        section("Verification", "If the pool is not what it should be, stop: the app did not read the file.", "verify"),
        section(
          "Rollback", "Roll back when errors or latency are worse than before, or when you are not sure.", "rollback"),
        section("What to watch afterwards", "Watch for one full daily peak.", "watch"), escalation,
        section("Last rehearsed", nil, "last-rehearsed"),
        section("Decisions", "What was tried, also what was rejected.", "decisions"),
      ]
    return parts.joined(separator: "\n")
  }

  private var head: String {
    """
    # \(title)

    TODO: one sentence: what this page changes, and for whom.

    Between `poolops:begin` and `poolops:end` the text is written by `poolops runbook render` from recorded runs. Write
    your own text outside of them.

    | | |
    |---|---|
    | Owner | TODO: a team |
    | Audience | TODO: who carries this out, and at which hour |
    | Reversible | yes: see [Rollback](#rollback) |

    """
  }

  private var trigger: [String] {
    [
      section("Trigger", "TODO: the alert or the symptom that brings somebody here.", "trigger"),
      section("What the problem was", nil, "problem"),
    ]
  }

  private var change: [String] {
    let own = ecosystem.map { [section("Settings", nil, "settings", [("ecosystem", $0)])] } ?? []
    return [section("What is changed", nil, "change")] + own + [
      section("What it brought", nil, "before-after"), section("Charts", nil, "chart"),
      section("Over the long term", nil, "endurance"),
      section("Why this size", nil, "why-this-size"),
    ] + (isSwept ? [section("Pool size against load", nil, "sweep")] : [])
  }

  private var preconditions: [String] {
    let prose = """
      You need the right to edit the app's env file and to restart the app; TODO: what else, and who gives it.
      `poolops runbook check` and `poolops go-no-go` both end with exit code 0.
      """
    return [section("Preconditions", prose, "checklist")]
  }

  private var escalation: String {
    """
    ## Escalation

    1. Still failing after the rollback: TODO: who is called, and with what.
    2. `poolops` ended with exit code 5: leave everything as it is and call the owner of this page.

    """
  }

  private func section(
    _ title: String, _ prose: String?, _ region: String, _ arguments: [(String, String)] = []
  ) -> String {
    let words = ([("experiment", experiment)] + arguments).map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    let region = "<!-- poolops:begin \(region) \(words) -->\n<!-- poolops:end \(region) -->\n"
    return (["## \(title)", prose, region].compactMap { $0 }).joined(separator: "\n\n")
  }
}

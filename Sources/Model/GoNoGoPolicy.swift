/// What GO needs, as `runbooks/go-no-go.yaml` says it. The defaults are in force where there is no such file.
package struct GoNoGoPolicy: Hashable, Sendable {
  /// An experiment that must have the verdict that its own file expects.
  package struct Requirement: Hashable, Sendable {
    package var experiment: String
    /// nil: the policy's.
    package var maxAge: Duration?
    package init(experiment: String, maxAge: Duration? = nil) {
      self.experiment = experiment
      self.maxAge = maxAge
    }
  }

  /// What only a person can vouch for, with name and date.
  package struct ManualItem: Hashable, Sendable {
    package var id: String
    package var text: String
    /// How long a signature holds; nil: as long as evidence counts.
    package var maxAge: Duration?
    package init(id: String, text: String, maxAge: Duration? = nil) {
      self.id = id
      self.text = text
      self.maxAge = maxAge
    }
  }

  /// nil: every experiment of the project.
  package var experiments: [Requirement]?
  package var maxAge: Duration
  /// Paths and globs of the files that must be as they were when they were measured.
  package var code: [String]
  /// Whether the way back of every change that is to go to production must have been carried out and confirmed.
  package var rollbackRehearsed: Bool
  /// File names of the runbooks that must agree with the evidence; nil: all of them.
  package var runbooks: [String]?
  package var manual: [ManualItem]

  package init(
    experiments: [Requirement]? = nil, maxAge: Duration = Self.defaultMaxAge, code: [String] = [],
    rollbackRehearsed: Bool = false, runbooks: [String]? = nil, manual: [ManualItem] = []
  ) {
    self.experiments = experiments
    self.maxAge = maxAge
    self.code = code
    self.rollbackRehearsed = rollbackRehearsed
    self.runbooks = runbooks
    self.manual = manual
  }

  /// 30 days: our choice; software, data and machines change.
  package static let defaultMaxAge: Duration = .seconds(30 * 86_400)
}

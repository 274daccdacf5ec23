import ExperimentFile
import Model

extension Project {
  var policyPath: String { runbooks + "/go-no-go.yaml" }

  /// What GO needs in this project.
  /// - Returns: `path` is nil where the default is in force, as there is no file.
  func policy() throws(Failure) -> (rules: GoNoGoPolicy, path: String?) {
    guard Files.exists(policyPath) else { return (GoNoGoPolicy(), nil) }
    let known = PolicyFile.Known(
      experiments: try ExperimentLibrary.names(self),
      runbooks: try Files.names(in: runbooks, suffix: ".md"))
    switch PolicyFile.parse(text: try Files.read(policyPath), path: shown(policyPath), known: known) {
    case .success(let policy): return (policy, shown(policyPath))
    case .failure(let faults): throw Failure(.badConfiguration, faults.description)
    }
  }
}

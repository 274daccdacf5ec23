import ExperimentFile
import Model

extension Project {
  /// Lists what is production: hosts, databases, system identifiers.
  var productionPath: String { root + "/production.yaml" }

  /// What poolops must not touch here, whatever it is told; empty where there is no list.
  func production() throws(Failure) -> ProductionList {
    guard Files.exists(productionPath) else { return ProductionList() }
    switch ProductionFile.parse(text: try Files.read(productionPath), path: shown(productionPath)) {
    case .success(let list): return list
    case .failure(let faults): throw Failure(.badConfiguration, faults.description)
    }
  }
}

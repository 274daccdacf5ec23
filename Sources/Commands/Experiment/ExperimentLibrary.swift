import ExperimentFile
import Model

/// The experiment files of a project.
struct ExperimentLibrary {
  struct Entry {
    var path: String
    var text: String
    var experiment: Experiment

    /// A ramp into exhaustion has nothing that could be compared.
    func requireComparison(to act: String) throws(Failure) {
      guard experiment.isExhaustion else { return }
      throw Failure(
        .usage, "'\(experiment.name)' is a ramp until a request fails: there is nothing in it to \(act)",
        hint: "Type 'poolops experiment run \(experiment.name)' to carry it out.")
    }
  }
  private let project: Project
  private let world: World

  init(_ project: Project, _ world: World) {
    self.project = project
    self.world = world
  }

  /// Names of all experiments, sorted.
  var names: [String] { get throws(Failure) { try Self.names(project) } }

  static func names(_ project: Project) throws(Failure) -> [String] {
    try Files.names(in: project.experiments, suffix: ".yaml").map { String($0.dropLast(5)) }
  }

  /// Reads the experiment that a person named: `peak`, or a path such as `experiments/peak.yaml`.
  func entry(_ name: String) throws(Failure) -> Entry {
    let path = try path(of: name)
    let text = try Files.read(path)
    switch ExperimentFile.parse(text: text, path: project.shown(path)) {
    case .success(let experiment): return Entry(path: path, text: text, experiment: experiment)
    case .failure(let faults): throw Failure(.badConfiguration, faults.description)
    }
  }

  private func path(of name: String) throws(Failure) -> String {
    if name.contains("/") || name.hasSuffix(".yaml") {
      return absolute(name, world)
    }
    let names = try names
    guard names.contains(name) else { throw unknown(name, among: names) }
    return project.experiments + "/" + name + ".yaml"
  }

  private func unknown(_ name: String, among names: [String]) -> Failure {
    let folder = project.shown(project.experiments)
    guard !names.isEmpty else {
      return Failure(
        .usage, "there is no experiment '\(name)': \(folder)/ holds none",
        hint: "Go to a folder with experiments/, or name one with -C.")
    }
    let guess = nearest(to: name, in: names).map { ". Did you mean '\($0)'?" } ?? "."
    return Failure(
      .usage, "there is no experiment '\(name)' in \(folder)/\(guess)", hint: "Known: \(names.joined(separator: ", "))")
  }
}

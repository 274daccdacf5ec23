import Model

extension Project {
  /// What a run is recorded with besides what the server tells: which poolops, which commit, which load.
  func facts(for experiment: Experiment) -> [String: String] {
    var facts = ["poolops_version": Poolops.version, "load": experiment.load.summary]
    facts["carrier"] = experiment.carrierFact
    facts["git_commit"] = commit
    // A policy with faults must not keep anybody from measuring; go-no-go names them.
    if let code = try? policy().rules.code, !code.isEmpty {
      facts["code_digest"] = try? MeasuredCode(self, code).fact()
    }
    return facts
  }

  /// The commit that is checked out, read from git's own files; nil outside a repository.
  private var commit: String? {
    guard let folder = gitFolder, let head = try? Files.read(folder + "/HEAD").trimmed else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let reference = String(head.dropFirst(5))
    // A further work tree has its own HEAD, and shares the references.
    let shared = (try? Files.read(folder + "/commondir").trimmed).map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
    for place in [folder, shared ?? folder] {
      if let loose = try? Files.read(place + "/" + reference).trimmed { return loose }
    }
    let packed = (try? Files.read((shared ?? folder) + "/packed-refs")) ?? ""
    return packed.split(separator: "\n").first { $0.hasSuffix(" " + reference) }.map { String($0.prefix(40)) }
  }

  /// Of the repository that the project lies in, at whatever depth.
  private var gitFolder: String? {
    var folder = root[...]
    while !folder.isEmpty {
      let path = folder + "/.git"
      if isFolder(path) { return String(path) }
      if let link = try? Files.read(String(path)).trimmed, link.hasPrefix("gitdir: ") {
        let target = String(link.dropFirst(8))
        return target.hasPrefix("/") ? target : folder + "/" + target
      }
      guard let slash = folder.lastIndex(of: "/") else { break }
      folder = folder[..<slash]
    }
    return nil
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

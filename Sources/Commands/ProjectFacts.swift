import Model

extension Project {
  /// What a run is recorded with besides what the server tells: which poolops, which commit, which load.
  func facts(for experiment: Experiment) -> [String: String] {
    var facts = ["poolops_version": Poolops.version, "load": experiment.load.summary]
    facts["git_commit"] = commit
    return facts
  }

  /// The commit that is checked out, read from `.git` itself; nil outside a repository.
  private var commit: String? {
    guard let head = try? Files.read(root + "/.git/HEAD").trimmed else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let reference = String(head.dropFirst(5))
    if let loose = try? Files.read(root + "/.git/" + reference).trimmed { return loose }
    let packed = (try? Files.read(root + "/.git/packed-refs")) ?? ""
    return packed.split(separator: "\n").first { $0.hasSuffix(" " + reference) }.map { String($0.prefix(40)) }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

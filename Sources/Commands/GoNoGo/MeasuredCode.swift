import Evidence
import Model
import System

/// The files that a policy calls code, compared with what a run was recorded with.
///
/// A digest of their content is recorded with every run while there is a policy. Runs from before it only name their
/// commit; then git compares.
struct MeasuredCode {
  private let root: String
  private let patterns: [String]
  /// The value of PATH, where git is looked for.
  private let searchPath: String

  init(_ project: Project, _ patterns: [String], searchPath: String? = nil) {
    root = project.root
    self.patterns = patterns
    self.searchPath = searchPath ?? "/usr/local/bin:/usr/bin:/bin"
  }

  private var names: String { patterns.joined(separator: ", ") }

  /// What a run is recorded with: the digest, and of what; nil where no file matches.
  func fact() throws(Failure) -> String? {
    let files = FileTree(root).paths(matching: patterns)
    guard !files.isEmpty else { return nil }
    var lines = ""
    for path in files { lines += "\(try content(of: root + "/" + path))  \(path)\n" }
    return "sha256:\(digest(of: lines)) of \(names)"
  }

  /// A link is where it points to, as for git.
  private func content(of path: String) throws(Failure) -> String {
    if let target = FileSystem.linkTarget(path) { return "link:" + digest(of: target) }
    return digest(of: try Files.bytes(path, limit: Self.largestFile))
  }

  private static let largestFile = 1 << 30

  func state(of run: Run) throws(Failure) -> GoNoGo.CodeState {
    let tree = FileTree(root)
    if let idle = patterns.first(where: { tree.paths(matching: [$0]).isEmpty }) {
      return .unknown("no file matches '\(idle)'")
    }
    if let recorded = run.environment["code_digest"], recorded.hasSuffix(" of \(names)") {
      return try fact() == recorded
        ? .same("\(names): content as measured, \(recorded.prefix(19))")
        : .changed("\(names): the content is another one than was measured, \(recorded.prefix(19))")
    }
    guard let commit = run.environment["git_commit"] else {
      return .unknown("\(run.id) was recorded without a digest of it and without a commit")
    }
    return compare(with: commit)
  }

  private func compare(with commit: String) -> GoNoGo.CodeState {
    let short = "commit \(commit.prefix(10))"
    guard commit.count >= 40, commit.allSatisfy(\.isHexDigit) else { return .unknown("'\(commit)' is no commit") }
    guard let git else { return .unknown("there is no git to compare with \(short)") }
    let paths = patterns.map { ":(glob)\($0)" }
    let changed = run(git, ["diff", "--name-only", "--no-ext-diff", "--no-textconv", commit, "--"] + paths)
    let added = run(git, ["ls-files", "--others", "--exclude-standard", "--"] + paths)
    guard let changed, let added else { return .unknown("git cannot compare with \(short)") }
    let files = changed + added
    guard let first = files.first else { return .same("\(names) as in \(short)") }
    let more = files.count > 1 ? " and \(files.count - 1) more files" : ""
    return .changed("\(first)\(more) changed since \(short)")
  }

  private var git: String? {
    searchPath.split(separator: ":").filter { $0.hasPrefix("/") }.map { $0 + "/git" }.first {
      FileSystem.isExecutable($0) && !isFolder($0)
    }
  }

  /// The lines that git prints; nil when it fails.
  private func run(_ git: String, _ words: [String]) -> [String]? {
    // A repository's own configuration must not start programs.
    let command = [git, "-C", root, "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-optional-locks"]
    guard let result = try? Subprocess.run(command + words, within: .seconds(20)), result.status == 0 else {
      return nil
    }
    return result.output.split(separator: "\n").map(String.init)
  }
}

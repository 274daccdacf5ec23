internal import Glibc
import System

/// Where PostgreSQL's server programs are.
struct ServerBinaries {
  var folder: String
  /// `15`
  var major: Int

  var postgres: String { folder + "/postgres" }
  var initdb: String { folder + "/initdb" }

  /// The newest of those that `pg_config` names, Debian's folders, and the search path.
  static func newest() throws(StagingError) -> ServerBinaries {
    var found: ServerBinaries?
    for folder in candidates() {
      guard access(folder + "/initdb", X_OK) == 0, let major = major(of: folder) else { continue }
      if major > found?.major ?? 0 { found = ServerBinaries(folder: folder, major: major) }
    }
    guard let found else { throw StagingError(.missingProgram, wanted: "postgres") }
    return found
  }

  private static func candidates() -> [String] {
    let path = getenv("PATH").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    var folders: [String] = []
    if let tool = path.map({ $0 + "/pg_config" }).first(where: { access($0, X_OK) == 0 }),
      let answer = try? Subprocess.run([tool, "--bindir"], within: .seconds(5)), answer.status == 0
    {
      folders.append(String(answer.output.prefix { !$0.isNewline }))
    }
    for root in ["/usr/lib/postgresql", "/usr/local/lib/postgresql"] {
      folders += FileSystem.entries(of: root).map { "\(root)/\($0)/bin" }
    }
    var seen: Set<String> = []
    return (folders + path).filter { access($0 + "/postgres", X_OK) == 0 }
      .compactMap { FileSystem.canonical($0 + "/postgres").map(FileSystem.parent(of:)) }
      .filter { seen.insert($0).inserted }
  }

  /// From `postgres (PostgreSQL) 15.18 (Debian ...)`.
  private static func major(of folder: String) -> Int? {
    guard let answer = try? Subprocess.run([folder + "/postgres", "--version"], within: .seconds(5)) else { return nil }
    let words = answer.output.split(separator: " ")
    return words.dropFirst(2).first.flatMap { Int($0.prefix { $0.isNumber }) }
  }
}

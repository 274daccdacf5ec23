import CPlatform
import Glibc
import Model
import System
import Testing

@testable import Store

/// A copy of this repository's own experiments, results and runbooks, to be spoiled.
final class RecordedProject {
  let project = TestProject()
  /// An hour after the last of it was recorded.
  let now: Timestamp
  var page: String { project.root + "/runbooks/connection-pool.md" }
  var policy: String { project.root + "/runbooks/go-no-go.yaml" }

  /// The page and its files as this program writes them, made once: the committed ones may be a commit behind.
  private static let rendered = Result { () throws -> [String: [UInt8]] in
    let recorded = try RecordedProject(isBare: true)
    writeBytes(try original("runbooks/connection-pool.md"), to: recorded.page)
    let ending = recorded.command("runbook render --force")
    try #require(ending.status == 0, "\(ending)")
    let folder = recorded.project.root + "/runbooks"
    let names = FileSystem.entries(of: folder)
    return Dictionary(uniqueKeysWithValues: names.map { ($0, bytes(of: "\(folder)/\($0)") ?? []) })
  }

  /// - Parameter isBare: the page has no regions, which makes what is asked of it quick.
  init(isBare: Bool = false) throws {
    project.makeFolder(project.root + "/runbooks")
    for file in ["results.db"] + ["baseline", "exhaustion", "fail-fast", "peak"].map({ "experiments/\($0).yaml" }) {
      writeBytes(try Self.original(file), to: "\(project.root)/\(file)")
    }
    let store = try ResultsStore.open(path: project.database, mode: .readOnly)
    let ended = try store.executions(of: nil).compactMap(\.ended).max()
    now = Timestamp(microseconds: try #require(ended).microseconds + 3_600_000_000)
    let files = isBare ? ["connection-pool.md": Array("# Pool\n".utf8)] : try Self.rendered.get()
    for (name, bytes) in files { writeBytes(bytes, to: "\(project.root)/runbooks/\(name)") }
  }

  private static func original(_ file: String) throws -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
    return try #require(bytes(of: "\(root)/\(file)"), "\(file)")
  }

  func command(_ line: String, later days: Double = 0) -> Program.Ending {
    let moment = Timestamp(microseconds: now.microseconds + Int64(days * 86_400_000_000))
    return run(line.split(separator: " ").map(String.init) + ["-C", project.root], now: moment)
  }

  /// Changes the results behind the program's back.
  func tamper(_ sql: String) throws {
    let database = try Database(path: project.database, access: .readWrite)
    try database.execute(sql)
    database.close()
  }

  func edit(_ path: String, _ old: String, _ new: String) throws {
    let before = try #require(text(of: path))
    try #require(before.contains(old), "\(old)")
    write(before.replacing(old, with: new, maxReplacements: 1), to: path)
  }

  /// Runs git in the project's folder.
  func git(_ words: [String]) throws -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    let ending = try Program("/usr/bin/git", ["-C", project.root] + identity + words).wait()
    try #require(ending.status == 0, "\(words): \(ending)")
    return ending.output
  }
}

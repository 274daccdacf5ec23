import Glibc
import Model
import Staging

/// The folder that a team's experiments, runbooks and results live in.
struct Project {
  let root: String
  let database: String

  var experiments: String { root + "/experiments" }
  var runbooks: String { root + "/runbooks" }

  /// The nearest folder at or above the current one that holds `experiments/`; else the current one.
  init(_ world: World, _ options: GlobalOptions) throws(Failure) {
    let start = try options.directory.map { path throws(Failure) in try Self.existing(absolute(path, world)) }
    root = start ?? Self.nearest(from: world.directory)
    let named = options.db ?? world.variables["POOLOPS_DB"].flatMap { $0.isEmpty ? nil : $0 }
    database = named.map { absolute($0, world) } ?? root + "/results.db"
  }

  private static func existing(_ path: String) throws(Failure) -> String {
    guard isFolder(path) else { throw Failure(.usage, "'\(path)' is not a folder") }
    return path
  }

  private static func nearest(from directory: String) -> String {
    var folder = directory[...]
    while !folder.isEmpty {
      if isFolder(folder + "/experiments") { return String(folder) }
      guard let slash = folder.lastIndex(of: "/") else { break }
      folder = folder[..<slash]
    }
    return directory
  }

  /// How the journal names a file: relative to the project where the results lie in it too, so that both can be moved,
  /// and the committed results name no machine.
  func locator(of path: String) -> String { database.hasPrefix(root + "/") ? shown(path) : path }

  func path(of locator: String) -> String { locator.hasPrefix("/") ? locator : root + "/" + locator }

  /// Whether a process of this machine carries out an execution here.
  var isMeasuring: Bool { StagingLock.holder(in: EmbeddedCluster(root: root).folder) != nil }

  /// `path` as a person would type it from the root.
  func shown(_ path: String) -> String {
    path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
  }
}

func absolute(_ path: String, _ world: World) -> String {
  path.hasPrefix("/") ? path : world.directory + "/" + path
}

func isFolder(_ path: some StringProtocol) -> Bool {
  var status = stat()
  return stat(String(path), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

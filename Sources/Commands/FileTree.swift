import Glibc
import System

/// The files below a folder, chosen by globs: `*` and `?` within a name, `**` for any folders; a folder means all in it.
struct FileTree {
  private let root: String
  init(_ root: String) { self.root = root }

  /// Paths relative to the root, sorted by their bytes. Plain files and symbolic links, which are not followed.
  func paths(matching patterns: [String]) -> [String] {
    let globs = patterns.map(Glob.init)
    var found: [String] = []
    walk([], globs, &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func walk(_ folder: [Substring], _ globs: [Glob], _ found: inout [String]) {
    for name in FileSystem.entries(of: ([root[...]] + folder).joined(separator: "/")) where name != ".git" {
      let parts = folder + [name[...]]
      let path = parts.joined(separator: "/")
      guard let status = FileSystem.status(of: root + "/" + path, followingLinks: false) else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: if globs.contains(where: { $0.mayMatch(below: parts) }) { walk(parts, globs, &found) }
      case S_IFREG, S_IFLNK: if globs.contains(where: { $0.matches(parts) }) { found.append(path) }
      default: break
      }
    }
  }
}

/// A path with wildcards.
struct Glob {
  private let parts: [Substring]
  init(_ pattern: String) { parts = pattern.split(separator: "/") }

  func matches(_ path: [Substring]) -> Bool { Self.matches(parts[...], path[...]) }

  /// Whether something below the folder could match.
  func mayMatch(below folder: [Substring]) -> Bool { Self.mayMatch(parts[...], folder[...]) }

  private static func matches(_ parts: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
    guard let part = parts.first else { return true }
    guard let name = path.first else { return false }
    if part == "**" { return matches(parts.dropFirst(), path) || matches(parts, path.dropFirst()) }
    return matches(part, name) && matches(parts.dropFirst(), path.dropFirst())
  }

  private static func mayMatch(_ parts: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
    guard let part = parts.first, let name = path.first else { return true }
    return part == "**" || matches(part, name) && mayMatch(parts.dropFirst(), path.dropFirst())
  }

  private static func matches(_ pattern: Substring, _ name: Substring) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    switch first {
    case "*":
      return matches(pattern.dropFirst(), name) || !name.isEmpty && matches(pattern, name.dropFirst())
    case "?": return !name.isEmpty && matches(pattern.dropFirst(), name.dropFirst())
    default: return name.first == first && matches(pattern.dropFirst(), name.dropFirst())
    }
  }
}

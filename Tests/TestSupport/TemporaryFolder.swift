import Glibc
import System

/// A new folder under /tmp, removed with all in it by `deinit`. Its path is short, as the paths of sockets must be.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() {
    var template = Array("/tmp/poolops-test-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no folder can be made in /tmp")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)
  }

  deinit { try? FileSystem.removeTree(path) }

  /// Writes a file of the folder, which everybody may read.
  package func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
    let path = "\(path)/\(name)"
    let file = try File(path, O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(Array(text.utf8), path: path)
    fchmod(file.descriptor, mode)
  }

  /// A file of the folder; empty when there is none.
  package func text(of name: String) -> String { FileSystem.text(of: "\(path)/\(name)") ?? "" }
}

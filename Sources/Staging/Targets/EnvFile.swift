import Model
import System

/// An env file on disk: read as a whole, edited as text, replaced as a whole.
struct EnvFile {
  let path: String
  /// Whose it is, for errors.
  let target: String

  /// nil when there is no file. Refused where an edit of one of `variables` could not be told from its neighbours.
  func read(editing variables: [String]) throws(StagingError) -> EnvFileText? {
    let bytes = try forStaging { () throws(SystemFault) in try FileSystem.bytes(of: path) }
    guard let bytes else { return nil }
    // Repairing a strange byte would change lines that are not ours.
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw StagingError(
        .badValue, target: target, setting: "the text", wanted: "UTF-8", found: "of another encoding", path: path)
    }
    let file = EnvFileText(text)
    for variable in variables {
      guard let line = file.lineOfOpenQuote(of: variable) else { continue }
      throw StagingError(
        .badValue, target: target, setting: variable, wanted: "a value whose quote is closed",
        found: "a text without its closing quote", path: path, line: line)
    }
    return file
  }

  /// What a process left that died while it wrote: a copy of a file with secrets.
  func removeLeftover() {
    FileSystem.removeLeftover(of: path)
  }

  func write(_ text: EnvFileText) throws(StagingError) {
    try forStaging { () throws(SystemFault) in
      try FileSystem.makeFolder(FileSystem.parent(of: path), mode: 0o755)
      try FileSystem.replace(path, with: Array(text.text.utf8))
    }
  }
}

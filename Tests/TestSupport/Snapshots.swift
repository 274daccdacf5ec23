import Glibc
import Testing

/// Compares text that a person reads with the file `Snapshots/NAME` beside the calling test.
///
/// `RECORD_SNAPSHOTS=1` rewrites the files. A file that is missing is written, and the test fails once, so that
/// nobody takes a first recording for a passed comparison.
package func expectSnapshot(
  _ text: String, _ name: String, file: String = #filePath, location: SourceLocation = #_sourceLocation
) {
  let folder = file.prefix(through: file.lastIndex(of: "/") ?? file.startIndex) + "Snapshots"
  let path = "\(folder)/\(name)"
  let stored = readFile(path)
  if let stored, stored.utf8.elementsEqual(text.utf8) { return }
  let isRecording = recordsSnapshots
  if isRecording || stored == nil {
    makeFolder(String(folder))
    guard writeFile(path, text) else {
      Issue.record("the snapshot \(path) cannot be written", sourceLocation: location)
      return
    }
  }
  if let stored, !isRecording {
    Issue.record(
      "\(name) differs from its snapshot at \(firstDifference(stored, text)). RECORD_SNAPSHOTS=1 accepts the new text.",
      sourceLocation: location)
  } else if !isRecording {
    Issue.record("\(name) had no snapshot: it was recorded now. Read it, then run again.", sourceLocation: location)
  }
}

package var recordsSnapshots: Bool {
  guard let value = unsafe getenv("RECORD_SNAPSHOTS") else { return false }
  return unsafe String(cString: value) == "1"
}

private func firstDifference(_ stored: String, _ text: String) -> String {
  let old = stored.split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(old, new).prefix { $0 == $1 }.count
  let was = line < old.count ? "'\(old[line])'" : "the end"
  let now = line < new.count ? "'\(new[line])'" : "the end"
  return "line \(line + 1):\n  was \(was)\n  now \(now)\n"
}

private func makeFolder(_ path: String) {
  _ = unsafe mkdir(path, 0o777)
}

/// The text of a file of the repository, by its path from the top; nil when it cannot be read.
///
/// The caller stands in `Tests/NAMETests/`.
package func repositoryFile(_ path: String, file: String = #filePath) -> String? {
  readFile(file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/" + path)
}

private func readFile(_ path: String) -> String? {
  guard let file = unsafe fopen(path, "r") else { return nil }
  defer { _ = unsafe fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, file)
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}

private func writeFile(_ path: String, _ text: String) -> Bool {
  guard let file = unsafe fopen(path, "w") else { return false }
  let bytes = Array(text.utf8)
  let written = unsafe fwrite(bytes, 1, bytes.count, file)
  let closed = unsafe fclose(file)
  return written == bytes.count && closed == 0
}

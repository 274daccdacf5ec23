import CCrypto
import Glibc
import Model
import System

/// Reading and writing of whole text files.
enum Files {
  /// - Throws: `badConfiguration` with the system's reason, or when the file is no UTF-8 text or above `limit` bytes.
  static func read(_ path: String, limit: Int = 16 << 20) throws(Failure) -> String {
    guard let text = String(validating: try bytes(path, limit: limit), as: UTF8.self) else {
      throw Failure(.badConfiguration, "\(path) is not UTF-8 text")
    }
    return text
  }

  /// - Throws: `badConfiguration` with the system's reason, or when the file is above `limit` bytes.
  static func bytes(_ path: String, limit: Int = 16 << 20) throws(Failure) -> [UInt8] {
    let bytes = try act("cannot read", path) { () throws(SystemFault) in
      try File(path, O_RDONLY).readAll(path: path, limit: limit)
    }
    guard let bytes else { throw Failure(.badConfiguration, "\(path) is larger than \(limit >> 20) MiB") }
    return bytes
  }

  /// Replaces the file as a whole: readers see the old text or the new one, also after a crash.
  static func replace(_ path: String, with text: String) throws(Failure) {
    try act("cannot write", path) { () throws(SystemFault) in
      try FileSystem.replace(path, with: Array(text.utf8), mode: 0o644)
    }
  }

  /// Writes a file that is not there yet; false when it is there.
  static func create(_ path: String, with text: String) throws(Failure) -> Bool {
    guard !exists(path) else { return false }
    do throws(SystemFault) {
      try File(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644).write(Array(text.utf8), path: path)
    } catch {
      // Somebody else was quicker.
      if error.number == EEXIST { return false }
      throw Failure(.badConfiguration, "cannot write \(path): \(error.reason)")
    }
    return true
  }

  static func makeFolder(_ path: String) throws(Failure) {
    try act("cannot make", path) { () throws(SystemFault) in try FileSystem.makeFolder(path, mode: 0o755) }
  }

  static func exists(_ path: String) -> Bool { FileSystem.exists(path) }

  /// Names in a folder that end in `suffix`, sorted; empty when there is no such folder.
  static func names(in folder: String, suffix: String) throws(Failure) -> [String] {
    let all = try act("cannot read", folder) { () throws(SystemFault) in try FileSystem.list(folder) }
    return all.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
  }

  private static func act<R>(
    _ what: String, _ path: String, _ body: () throws(SystemFault) -> R
  ) throws(Failure) -> R {
    do throws(SystemFault) { return try body() } catch {
      throw Failure(.badConfiguration, "\(what) \(path): \(error.reason)")
    }
  }
}

/// SHA-256 of a text's UTF-8 bytes, hexadecimal.
func digest(of text: String) -> String { digest(of: Array(text.utf8)) }

func digest(of bytes: [UInt8]) -> String {
  var sum = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  SHA256(bytes, bytes.count, &sum)
  return sum.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

import CCrypto
import Glibc
import Model

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
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot read", path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot read", path) }
      if count == 0 { break }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw Failure(.badConfiguration, "\(path) is larger than \(limit >> 20) MiB")
      }
    }
    return bytes
  }

  /// Replaces the file as a whole: readers see the old text or the new one, also after a crash.
  static func replace(_ path: String, with text: String) throws(Failure) {
    var status = stat()
    let mode = stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0o644
    let draft = path + ".\(getpid()).tmp"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("cannot write", path) }
    let isWritten = writeAll(text, to: descriptor) && fsync(descriptor) == 0
    let reason = errno
    close(descriptor)
    guard isWritten, rename(draft, path) == 0 else {
      if isWritten == false { errno = reason }
      let fault = failure("cannot write", path)
      unlink(draft)
      throw fault
    }
  }

  /// Writes a file that is not there yet; false when it is there.
  static func create(_ path: String, with text: String) throws(Failure) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if descriptor < 0, errno == EEXIST { return false }
    guard descriptor >= 0 else { throw failure("cannot write", path) }
    let isWritten = writeAll(text, to: descriptor)
    let fault = failure("cannot write", path)
    close(descriptor)
    guard isWritten else {
      unlink(path)
      throw fault
    }
    return true
  }

  static func makeFolder(_ path: String) throws(Failure) {
    guard mkdir(path, 0o755) == 0 || isFolder(path) else { throw failure("cannot make", path) }
  }

  private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 && !isFolder(path) }

  /// Names in a folder that end in `suffix`, sorted; empty when there is no such folder.
  static func names(in folder: String, suffix: String) -> [String] {
    entries(of: folder).filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted()
  }

  /// All names in a folder but `.` and `..`, in no order.
  static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func failure(_ act: String, _ path: String) -> Failure {
    Failure(.badConfiguration, "\(act) \(path): \(String(cString: strerror(errno)))")
  }
}

/// SHA-256 of a text's UTF-8 bytes, hexadecimal.
func digest(of text: String) -> String { digest(of: Array(text.utf8)) }

func digest(of bytes: [UInt8]) -> String {
  var sum = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  SHA256(bytes, bytes.count, &sum)
  return sum.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

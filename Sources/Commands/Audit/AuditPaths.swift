import Glibc
import Model

/// The files that the words of a command line name, folders walked.
struct AuditPaths {
  struct File {
    /// As a person would type it from where the command was typed.
    var path: String
    var bytes: [UInt8]
  }

  struct Skipped: Hashable {
    var path: String
    var reason: String
    /// What it holds is missing from the audit: it was named, or it could not be opened.
    var isMissing: Bool
    /// It was opened, and by itself it is no configuration.
    var isReadAsInclude = false
  }

  private(set) var files: [File] = []
  private(set) var skipped: [Skipped] = []
  /// Words that name nothing.
  private(set) var wrong: [String] = []

  /// Configuration above this size is data.
  static let limit = 1 << 20
  /// What others wrote, and what was made from something else: it would count twice.
  private static let passedOver: Set<String> = ["vendor", "target", "dist", "build"]

  private let directory: String
  private let isWanted: (String) -> Bool
  private let isWorthEntering: (String) -> Bool
  /// A file counts once, under whatever names: a link to an env file is not a second pool.
  private var seen: Set<FileIdentity> = []
  private var excluded: Set<FileIdentity> = []

  /// - Parameters:
  ///   - directory: relative paths are relative to it.
  ///   - excluded: files and folders that are passed over where a folder is walked.
  ///   - isWanted: whether a file found in a folder is read, by its name; a file that is named always is.
  ///   - isWorthEntering: the same of a folder.
  init(
    _ words: [String], in directory: String, excluding excluded: [String] = [], isWanted: @escaping (String) -> Bool,
    isWorthEntering: @escaping (String) -> Bool
  ) {
    self.directory = directory
    self.isWanted = isWanted
    self.isWorthEntering = isWorthEntering
    for word in excluded { exclude(word) }
    for word in words { add(word) }
  }

  private mutating func exclude(_ word: String) {
    guard let identity = identity(word) else {
      wrong.append(word)
      return
    }
    excluded.insert(identity)
  }

  private func identity(_ path: String) -> FileIdentity? {
    var status = stat()
    guard stat(full(path), &status) == 0 else { return nil }
    return FileIdentity(device: status.st_dev, number: status.st_ino)
  }

  private func isExcluded(_ path: String) -> Bool {
    !excluded.isEmpty && identity(path).map(excluded.contains) == true
  }

  private mutating func add(_ word: String) {
    var status = stat()
    guard stat(full(word), &status) == 0 else {
      wrong.append(word)
      return
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return read(word, isNamed: true) }
    var folder = word
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    walk(folder == "." ? "" : folder)
  }

  private func full(_ path: String) -> String {
    path.isEmpty ? directory : path.hasPrefix("/") ? path : directory + "/" + path
  }

  /// Links to folders are not followed, so no walk is endless; a named one is.
  private mutating func walk(_ folder: String) {
    guard let stream = opendir(full(folder)) else {
      skipped.append(Skipped(path: folder, reason: Self.reason(errno), isMissing: true))
      return
    }
    var folders: [String] = []
    var files: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      switch Self.kind(entry.pointee.d_type, full(folder), name) {
      case .folder where !name.hasPrefix(".") && !Self.passedOver.contains(name) && isWorthEntering(name):
        folders.append(name)
      case .file where !name.hasPrefix(".") || name.hasPrefix(".env"): files.append(name)
      default: break
      }
    }
    closedir(stream)
    let front = folder.isEmpty ? "" : folder == "/" ? "/" : folder + "/"
    for name in files.sorted() where isWanted(name) && !isExcluded(front + name) {
      read(front + name, isNamed: false)
    }
    for name in folders.sorted() where !isExcluded(front + name) { walk(front + name) }
  }

  private enum Kind { case folder, file, other }

  private static func kind(_ type: UInt8, _ folder: String, _ name: String) -> Kind {
    switch Int32(type) {
    case Int32(DT_DIR): return .folder
    case Int32(DT_REG): return .file
    case Int32(DT_LNK), Int32(DT_UNKNOWN):
      var status = stat()
      guard fstatat(AT_FDCWD, folder + "/" + name, &status, 0) == 0 else { return .other }
      if status.st_mode & S_IFMT == S_IFREG { return .file }
      return Int32(type) == Int32(DT_UNKNOWN) && status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
    default: return .other
    }
  }

  private mutating func read(_ path: String, isNamed: Bool) {
    switch Self.contents(full(path), isNamed: isNamed) {
    case .success(let (bytes, identity)):
      guard seen.insert(identity).inserted else { return }
      if bytes.prefix(8000).contains(0) {
        skipped.append(Skipped(path: path, reason: "binary", isMissing: isNamed))
      } else {
        files.append(File(path: path, bytes: bytes))
      }
    case .failure(let trouble):
      skipped.append(Skipped(path: path, reason: trouble.reason, isMissing: isNamed || !trouble.isTooLarge))
    }
  }

  struct Trouble: Error {
    var reason: String
    var isTooLarge = false
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

  /// The whole of a plain file; of a pipe (`<(kustomize build)`) only where it was named.
  static func contents(_ path: String, isNamed: Bool = false) -> Result<([UInt8], FileIdentity), Trouble> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (isNamed ? 0 : O_NONBLOCK))
    guard descriptor >= 0 else { return .failure(Trouble(reason: reason(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .failure(Trouble(reason: reason(errno))) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || isNamed && (kind == S_IFIFO || kind == S_IFCHR) else {
      return .failure(Trouble(reason: "not a plain file"))
    }
    return bytes(descriptor).map { ($0, FileIdentity(device: status.st_dev, number: status.st_ino)) }
  }

  static func bytes(_ descriptor: Int32) -> Result<[UInt8], Trouble> {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return .failure(Trouble(reason: reason(errno))) }
      if count == 0 { return .success(bytes) }
      bytes += buffer[..<count]
      if bytes.count > limit { return .failure(Trouble(reason: "larger than 1 MiB", isTooLarge: true)) }
    }
  }
}

struct FileIdentity: Hashable {
  var device: dev_t
  var number: ino_t
}

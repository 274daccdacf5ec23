import Glibc

/// Files and folders as the system has them: whole reads, atomic replacement, and faults with their reason.
package enum FileSystem {
  /// The file's bytes; nil when there is none.
  package static func bytes(of path: String) throws(SystemFault) -> [UInt8]? {
    do throws(SystemFault) {
      return try File(path, O_RDONLY).readAll(path: path)
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { return nil }
      throw error
    }
  }

  /// The file as text; nil when it is not there or cannot be read.
  package static func text(of path: String) -> String? {
    (try? bytes(of: path)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
  }

  package static func status(of path: String, followingLinks: Bool = true) -> stat? {
    var status = stat()
    let result = followingLinks ? stat(path, &status) : lstat(path, &status)
    return result == 0 ? status : nil
  }

  package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  package static func exists(_ path: String) -> Bool { status(of: path, followingLinks: false) != nil }

  /// Replaces the file as a whole: a reader, and a crash at any moment, see the old text or the new one.
  /// Mode and owner of an existing file are kept; a symbolic link is written through.
  package static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600) throws(SystemFault) {
    let path = canonical(path) ?? path
    let previous = status(of: path)
    let temporary = temporary(for: path)
    unlink(temporary)
    do throws(SystemFault) {
      let file = try File(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
      try file.write(bytes, path: path)
      if let previous { _ = fchown(file.descriptor, previous.st_uid, previous.st_gid) }
      if fchmod(file.descriptor, previous.map { $0.st_mode & 0o7777 } ?? mode) != 0 { throw SystemFault("chmod", path) }
      if fsync(file.descriptor) != 0 { throw SystemFault("fsync", path) }
      if rename(temporary, path) != 0 { throw SystemFault("rename", path) }
    } catch {
      unlink(temporary)
      throw SystemFault(error.call, path, error.number)
    }
    try syncFolder(of: path)
  }

  private static func temporary(for path: String) -> String { "\(path).poolops-new" }

  /// Removes what `replace` leaves when its process dies in the middle of it.
  package static func removeLeftover(of path: String) { unlink(temporary(for: canonical(path) ?? path)) }

  package static func remove(_ path: String) throws(SystemFault) {
    if unlink(path) != 0, errno != ENOENT { throw SystemFault("unlink", path) }
    try syncFolder(of: path)
  }

  private static func syncFolder(of path: String) throws(SystemFault) {
    let folder = parent(of: path)
    let file = try File(folder, O_RDONLY | O_DIRECTORY)
    if fsync(file.descriptor) != 0, errno != EINVAL { throw SystemFault("fsync", folder) }
  }

  /// Makes the folder and those above it that are missing, each with `mode` whatever the umask is.
  package static func makeFolder(_ path: String, mode: mode_t) throws(SystemFault) {
    if let found = status(of: path) {
      if found.st_mode & S_IFMT != S_IFDIR { throw SystemFault("mkdir", path, ENOTDIR) }
      return
    }
    if parent(of: path) != path { try makeFolder(parent(of: path), mode: mode) }
    if mkdir(path, mode) != 0, errno != EEXIST { throw SystemFault("mkdir", path) }
    if chmod(path, mode) != 0 { throw SystemFault("chmod", path) }
  }

  /// Removes the folder and all in it; links are removed, not followed. A missing folder is fine.
  package static func removeTree(_ path: String) throws(SystemFault) {
    guard let found = status(of: path, followingLinks: false) else { return }
    guard found.st_mode & S_IFMT == S_IFDIR else {
      if unlink(path) != 0, errno != ENOENT { throw SystemFault("unlink", path) }
      return
    }
    // A process that was just killed may still have written something since the names were read.
    for attempt in 1...5 {
      for name in entries(of: path) { try removeTree("\(path)/\(name)") }
      if rmdir(path) == 0 || errno == ENOENT { return }
      if errno != ENOTEMPTY || attempt == 5 { throw SystemFault("rmdir", path) }
      usleep(10_000)
    }
  }

  /// Names in the folder, without `.` and `..`, sorted; empty when it cannot be read.
  package static func entries(of path: String) -> [String] { (try? list(path)) ?? [] }

  /// The same; throws where there is a folder that cannot be read.
  package static func list(_ path: String) throws(SystemFault) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT || errno == ENOTDIR { return [] }
      throw SystemFault("opendir", path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path without links and dots; nil when it does not exist.
  package static func canonical(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  package static func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  /// Bytes that may still be written there without being root; nil when unknown.
  package static func freeBytes(at path: String) -> UInt64? {
    var status = statvfs()
    return statvfs(path, &status) == 0 ? UInt64(status.f_bavail) * UInt64(status.f_frsize) : nil
  }
}

import Glibc

/// What can be told about a database file without SQLite, which would create, recover or lock it.
struct FileFacts {
  let path: String
  /// Whether there is a file; it may be empty.
  let exists: Bool
  /// A poolops database with content.
  let holdsData: Bool
  private let isWritable: Bool
  private let folderIsWritable: Bool
  private let hasLog: Bool

  /// Throws when the file is there and is not a poolops database.
  init(path: String) throws(StoreError) {
    self.path = path
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard try Self.exists(folder, for: path) else {
      throw StoreError(.notFound, path: path, message: "its folder is not there")
    }
    folderIsWritable = Self.may(W_OK, folder)
    hasLog = Self.may(F_OK, path + "-wal")
    let hasJournal = Self.may(F_OK, path + "-journal")
    exists = try Self.exists(path, for: path)
    isWritable = exists ? Self.may(W_OK, path) : folderIsWritable
    holdsData = exists ? try Header.check(path, isWhole: !hasLog && !hasJournal) : false
  }

  private static func exists(_ place: String, for path: String) throws(StoreError) -> Bool {
    if may(F_OK, place) { return true }
    guard errno != ENOENT else { return false }
    throw StoreError(.unreadable, path: path, message: String(cString: strerror(errno)))
  }

  /// Removes a file that was not there before and is still empty.
  func removeWhatWasMade() {
    var now = stat()
    if !exists, stat(path, &now) == 0, now.st_size == 0 { unlink(path) }
  }

  func expectWritable() throws(StoreError) {
    // SQLite takes the log of a file without content for rubbish and removes it.
    guard holdsData || !hasLog else {
      throw StoreError(
        .damaged, path: path,
        message:
          "\(exists ? "it is empty" : "there is no such file"), but its log \(path)-wal is there, which would be lost")
    }
    guard isWritable else { throw StoreError(.unwritable, path: path, message: "no permission to write the file") }
    guard folderIsWritable else {
      throw StoreError(
        .unwritable, path: path, message: "no permission to write its folder, where SQLite keeps its journal")
    }
  }

  /// How a reader opens the file.
  func readAccess() throws(StoreError) -> Database.Access {
    // Also a reader opens for writing: else it could not tidy up the log of a writer that died.
    if isWritable && folderIsWritable { return .query }
    guard !hasLog else {
      throw StoreError(
        .unwritable, path: path,
        message:
          "\(path)-wal holds what is not yet in the file, and cannot be read without writing; copy both elsewhere")
    }
    return .immutable
  }

  private static func may(_ mode: Int32, _ path: String) -> Bool {
    // AT_EACCESS, which the Glibc module lacks: ask for the user in effect, not for the one who logged in.
    faccessat(AT_FDCWD, path, mode, 0x200) == 0
  }
}

/// The first 100 bytes of an SQLite file (https://www.sqlite.org/fileformat2.html, 1.3).
private enum Header {
  static let size = 100
  static let magic = Array("SQLite format 3\0".utf8)

  /// Whether there is content; throws unless it is a poolops database of the size that its header says.
  static func check(_ path: String, isWhole: Bool) throws(StoreError) -> Bool {
    let (bytes, fileSize) = try read(path)
    guard fileSize > 0 else { return false }
    guard bytes.starts(with: magic), bytes.count == size else {
      throw StoreError(.foreign, path: path, message: "it is not an SQLite file")
    }
    let application = number(bytes, 68)
    guard application == Migrations.applicationID else {
      throw StoreError(.foreign, path: path, message: "it belongs to another program (application_id \(application))")
    }
    let pageSize = bytes[16] == 0 && bytes[17] == 1 ? 65_536 : Int(bytes[16]) << 8 | Int(bytes[17])
    // The page count is only meant when it was written together with the change counter.
    let saysSize = number(bytes, 24) == number(bytes, 92)
    guard !isWhole || !saysSize || fileSize >= pageSize * number(bytes, 28) else {
      throw StoreError(
        .damaged, path: path,
        message: "it has \(fileSize) bytes where its header says \(pageSize * number(bytes, 28)); the end is missing")
    }
    return true
  }

  private static func number(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  private static func read(_ path: String) throws(StoreError) -> (bytes: [UInt8], fileSize: Int) {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw StoreError(.unreadable, path: path, message: String(cString: strerror(errno)))
    }
    defer { Glibc.close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(.foreign, path: path, message: "it is not a plain file")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    let count = max(0, pread(descriptor, &bytes, size, 0))
    return (Array(bytes.prefix(count)), Int(facts.st_size))
  }
}

internal import CSQLite

/// Why the results database could not be opened, read or written.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// No such file or folder.
    case notFound
    /// A file of no bytes: nothing was ever recorded in it, or all of it is gone. A writer begins anew in it.
    case empty
    /// The system does not let us see whether there is a file, or read it.
    case unreadable
    /// The file or its folder may not be written.
    case unwritable
    /// The disk, a quota or a limit is used up. What was recorded before is intact.
    case full
    /// Another process kept the file locked for longer than the busy timeout.
    case busy
    /// Written by a poolops whose tables this one does not know.
    case newer(version: Int)
    /// Some other kind of file. It was not written to.
    case foreign
    /// A poolops database whose content is broken.
    case damaged
    /// Anything else that SQLite refused.
    case sql
  }

  package var code: Code
  package var path: String
  /// SQLite's extended result code; 0 when SQLite was not asked.
  package var extendedCode: Int32
  /// The fact, as SQLite or poolops found it.
  package var message: String

  package init(_ code: Code, path: String, extendedCode: Int32 = 0, message: String) {
    self.code = code
    self.path = path
    self.extendedCode = extendedCode
    self.message = message
  }

  /// What is wrong and what to do, as one line.
  package var description: String {
    switch code {
    case .notFound:
      "\(path): \(message); name another file with --db"
    case .empty:
      "\(path) is empty, a file of 0 bytes: nothing is recorded in it. If there was, take it back from version control or a "
        + "backup; else measure, which fills it"
    case .unreadable:
      "\(path) cannot be read: \(message). Check the permissions of the file and its folder, or name another with --db"
    case .unwritable:
      "\(path) cannot be written: \(message). Check the permissions of the file and its folder, or name another with --db"
    case .full:
      "\(path): no space is left (\(message)). What was recorded before is intact; free some space and run again"
    case .busy:
      "\(path) is locked by another process (\(message)). Wait for it to end, then run again"
    case .newer(let version):
      "\(path) was written by a newer poolops (tables of version \(version); this one knows \(Migrations.current)). "
        + "Update poolops"
    case .foreign:
      "\(path) is not a poolops database: \(message). It was left as it is; name another file with --db"
    case .damaged:
      "\(path) is damaged: \(message). It was left as it is; take it back from version control or a backup"
    case .sql:
      "\(path): SQLite says: \(message) (code \(extendedCode))"
    }
  }

  /// From SQLite's extended result code; `systemError` is the errno beneath it.
  init(path: String, extendedCode: Int32, systemError: Int32, message: String) {
    let code = Self.code(extendedCode, systemError: systemError)
    self.init(code, path: path, extendedCode: extendedCode, message: message)
  }

  private static func code(_ extendedCode: Int32, systemError: Int32) -> Code {
    switch extendedCode & 0xff {
    case SQLITE_FULL: .full
    case SQLITE_IOERR where spaceErrors.contains(systemError): .full
    case SQLITE_BUSY, SQLITE_LOCKED: .busy
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN: .unwritable
    case SQLITE_NOTADB: .foreign
    case SQLITE_CORRUPT: .damaged
    default: .sql
    }
  }

  /// ENOSPC, EFBIG and EDQUOT: SQLite reports the last two as plain input/output errors.
  private static let spaceErrors: Set<Int32> = [28, 27, 122]
}

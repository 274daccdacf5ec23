import Exporter
import Glibc
import Model
import System

/// A bearer token in a file that only its owner and group may read. What stands in it is never shown.
enum TokenFile {
  static func read(_ path: String) throws(Failure) -> BearerToken {
    let mode: mode_t
    let bytes: [UInt8]?
    do throws(SystemFault) {
      // A pipe that nobody writes to is not waited for.
      let file = try File(path, O_RDONLY | O_NONBLOCK)
      mode = try Self.mode(file.descriptor, path)
      bytes = mode & S_IFMT == S_IFREG ? try file.readAll(path: path, limit: 2 * BearerToken.mostBytes) : nil
    } catch {
      throw Failure(.badConfiguration, "cannot read the token file \(path): \(error.reason)")
    }
    guard let bytes else { throw Failure(.badConfiguration, "\(path) is no token file: it is no file, or too long") }
    guard mode & 0o037 == 0 else {
      throw Failure(
        .badConfiguration, "others may read or change the token file \(path), whose mode is \(octal(mode))",
        hint: "Type chmod 600 \(path)")
    }
    do throws(ExporterFault) { return try BearerToken(file: bytes) } catch {
      throw Failure(.badConfiguration, "\(path) is no token file: \(error.message)")
    }
  }

  private static func mode(_ descriptor: Int32, _ path: String) throws(SystemFault) -> mode_t {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemFault("fstat", path) }
    return status.st_mode
  }

  private static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o777, radix: 8) }
}

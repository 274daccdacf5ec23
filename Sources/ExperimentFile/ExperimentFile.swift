import Glibc
import Model
import YAML

/// An experiment file as it is on disk, and what it says.
package struct ExperimentSource: Hashable, Sendable {
  package var experiment: Experiment
  /// The file's text, for the record.
  package var text: String
  package init(experiment: Experiment, text: String) {
    self.experiment = experiment
    self.text = text
  }
}

/// Reads experiment files. All faults of a file are reported at once, each with its line and column.
package enum ExperimentFile {
  /// No experiment comes near; whatever is larger was named by mistake.
  package static let maximumBytes = 262_144

  /// Reads the file at `path`. Its name without `.yaml` becomes the name of the experiment.
  package static func read(path: String) -> Result<ExperimentSource, ExperimentFaults> {
    do throws(ExperimentFaults) {
      let bytes = try contents(of: path)
      let experiment = try parse(bytes: bytes, path: path).get()
      return .success(ExperimentSource(experiment: experiment, text: String(decoding: bytes, as: UTF8.self)))
    } catch { return .failure(error) }
  }

  /// Reads a text as the content of the file at `path`, which is not opened.
  package static func parse(text: String, path: String) -> Result<Experiment, ExperimentFaults> {
    parse(bytes: Array(text.utf8), path: path)
  }

  /// The same for bytes, which may turn out not to be UTF-8.
  package static func parse(bytes: [UInt8], path: String) -> Result<Experiment, ExperimentFaults> {
    do throws(ExperimentFaults) {
      guard bytes.count <= maximumBytes else { throw tooLarge(path, bytes.count) }
      return .success(try experiment(root(bytes, path), path: path))
    } catch { return .failure(error) }
  }

  private static func root(_ bytes: [UInt8], _ path: String) throws(ExperimentFaults) -> Node {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    do throws(YAMLFault) {
      guard let root = try YAMLDocument.read(bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes) else {
        throw YAMLFault(mark: .start, message: "the file is empty; an experiment begins with 'version: 1'")
      }
      return root
    } catch { throw single(path, error.mark, error.message) }
  }

  private static func experiment(_ root: Node, path: String) throws(ExperimentFaults) -> Experiment {
    var reader = ExperimentReader()
    let experiment = reader.experiment(root, name: reader.name(path))
    guard let experiment, reader.faults.isEmpty else { throw ExperimentFaults(reader.faults, path: path) }
    return experiment
  }

  private static func single(_ path: String, _ mark: Mark, _ message: String) -> ExperimentFaults {
    ExperimentFaults(faults: [ExperimentFault(path: path, line: mark.line, column: mark.column, message: message)])
  }

  private static func tooLarge(_ path: String, _ size: Int) -> ExperimentFaults {
    single(path, .start, "the file has \(size) bytes; an experiment file has at most \(maximumBytes)")
  }

  private static func contents(of path: String) throws(ExperimentFaults) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw unreadable(path) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw single(path, .start, "this is not a plain file") }
    guard facts.st_size <= maximumBytes else { throw tooLarge(path, Int(facts.st_size)) }
    var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count, count)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw unreadable(path) }
      if got == 0 { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }

  private static func unreadable(_ path: String) -> ExperimentFaults {
    single(path, .start, "the file cannot be read: \(String(cString: strerror(errno)))")
  }
}

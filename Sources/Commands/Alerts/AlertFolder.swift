import Model
import Report

/// The folder that rendered alerts stand in, perhaps beside files of other people.
struct AlertFolder {
  enum State: String { case missing, same, different }

  struct Written {
    /// As a person would type it.
    let path: String
    let was: State

    func word(isDryRun: Bool) -> String {
      switch was {
      case .missing: isDryRun ? "would write  " : "written  "
      case .same: "unchanged"
      case .different: isDryRun ? "would replace" : "replaced "
      }
    }
  }

  private let path: String
  private let shown: String

  init(_ path: String, shown: String) {
    self.path = path
    self.shown = shown
  }

  /// Writes what differs, each file as a whole. Every file is looked at before the first is written.
  func write(
    _ files: [AlertFiles.File], force: Bool, isDryRun: Bool
  ) throws(Failure) -> [Written] {
    var written: [Written] = []
    for file in files { written.append(Written(path: "\(shown)/\(file.name)", was: try state(of: file, force: force))) }
    guard !isDryRun else { return written }
    try Files.makeFolder(path)
    for (file, entry) in zip(files, written) where entry.was != .same {
      try Files.replace("\(path)/\(file.name)", with: file.text)
    }
    return written
  }

  private func state(of file: AlertFiles.File, force: Bool) throws(Failure) -> State {
    let path = "\(path)/\(file.name)"
    guard Files.exists(path) else { return .missing }
    // What is no text poolops did not write.
    let text = (try? Files.read(path)) ?? ""
    if text.utf8.elementsEqual(file.text.utf8) { return .same }
    switch SealedText.author(of: text) {
    case _ where force: return .different
    case .poolops: return .different
    case .poolopsAndSomebody: throw refusal(file.name, "was edited after poolops wrote it")
    case .somebody: throw refusal(file.name, "was not written by poolops")
    }
  }

  private func refusal(_ name: String, _ why: String) -> Failure {
    Failure(
      .usage, "\(shown)/\(name) \(why)", hint: "Nothing was written. Give another --output, or --force to replace it.")
  }
}

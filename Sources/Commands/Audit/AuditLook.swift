import Advice
import Configuration
import Manifests
import Model
import Report
import System

/// All that is read for one audit: files, standard input, and what runs.
struct AuditLook {
  private(set) var files: [ConfigurationFile] = []
  private(set) var read: [AuditReport.Source] = []
  private(set) var skipped: [AuditPaths.Skipped] = []
  private var texts: [String: [UInt8]] = [:]

  /// - Throws: `usage` with every word that names nothing.
  init(
    _ words: [String], excluding excluded: [String], as format: FormatWord?, in directory: String
  ) throws(Failure) {
    let paths = AuditPaths(
      words.filter { $0 != "-" }, in: directory, excluding: excluded, isWanted: ConfigurationReader.isRecognised,
      isWorthEntering: ConfigurationReader.isWorthEntering)
    guard paths.wrong.isEmpty else {
      let names = paths.wrong.map { "'\($0)'" }.joined(separator: ", ")
      throw Failure(.usage, "there is no \(names)", hint: "Paths are relative to \(directory).")
    }
    skipped = paths.skipped
    var found = paths.files
    if words.contains("-") { found.append(AuditPaths.File(path: Self.standardInput, bytes: try Self.input())) }
    let named = Set(words)
    for file in found {
      add(file, format, isNamed: named.contains(file.path) || file.path == Self.standardInput, directory)
    }
    dropIncluded()
  }

  static let standardInput = "<stdin>"

  private static func input() throws(Failure) -> [UInt8] {
    switch AuditPaths.bytes(0) {
    case .success(let bytes): return bytes
    case .failure(let trouble): throw Failure(.usage, "standard input cannot be read: \(trouble.reason)")
    }
  }

  private mutating func add(
    _ file: AuditPaths.File, _ format: FormatWord?, isNamed: Bool, _ directory: String
  ) {
    let others: OtherFiles = { path in Self.other(path, directory) }
    let outcome =
      if isNamed, let format {
        ConfigurationReader.Outcome.read(format.read(file.bytes, path: file.path, others: others))
      } else {
        ConfigurationReader.read(file.bytes, path: file.path, others: others, named: isNamed)
      }
    switch outcome {
    case .passedOver(let reason):
      skipped.append(.init(path: file.path, reason: reason, isMissing: isNamed, isReadAsInclude: true))
    case .read(let found):
      files.append(found)
      read.append(AuditReport.Source(file.path, found.format.rawValue))
      texts[file.path] = file.bytes
    }
  }

  /// An include of a file. Devices and the process's own files are none of them.
  private static func other(_ path: String, _ directory: String) -> [UInt8]? {
    let path = path.hasPrefix("/") ? path : directory + "/" + path
    guard let real = FileSystem.canonical(path), !["/proc/", "/sys/", "/dev/"].contains(where: real.hasPrefix)
    else { return nil }
    return try? AuditPaths.contents(real).get().0
  }

  /// What another file includes is in that one already.
  private mutating func dropIncluded() {
    let included = Set(files.flatMap(\.includes))
    guard !included.isEmpty else { return }
    files.removeAll { included.contains($0.path) }
    // By itself it may be nothing; as an include it was read.
    let passedOver = skipped.filter { included.contains($0.path) && $0.isReadAsInclude }
    read += passedOver.map { AuditReport.Source($0.path, "included") }
    skipped.removeAll { passedOver.contains($0) }
  }

  /// What a running server or pooler says takes the place of what the files say of theirs.
  mutating func replace(with live: [ConfigurationFile]) {
    for index in files.indices {
      if live.contains(where: { !$0.servers.isEmpty }) { files[index].servers = [] }
      if live.contains(where: { !$0.poolers.isEmpty }) { files[index].poolers = [] }
    }
    files += live
    read += live.map { AuditReport.Source($0.path, "asked") }
  }

  /// The text of a line of a file that was read.
  func line(_ place: Place) -> String? {
    guard let bytes = texts[place.file], place.line > 0 else { return nil }
    let lines = bytes.split(separator: 0x0A, maxSplits: place.line, omittingEmptySubsequences: false)
    guard lines.indices.contains(place.line - 1) else { return nil }
    let line = lines[place.line - 1]
    return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
  }
}

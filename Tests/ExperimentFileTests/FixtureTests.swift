import Glibc
import Model
import TestSupport
import Testing

@testable import ExperimentFile

/// The files of `Fixtures`: `*.good.yaml` are read, `*.bad.yaml` give the messages of the `*.expected` beside them.
/// With RECORD_SNAPSHOTS=1 the expected messages are written anew.
@Suite struct FixtureTests {
  static let fixtures = ReferenceData(folder: "Fixtures", beside: #filePath)
  static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures"

  static func files(_ suffix: String) -> [String] {
    guard let folder = opendir(folder) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasSuffix(suffix) { names.append(name) }
    }
    return names.sorted()
  }

  @Test(arguments: files(".good.yaml"))
  func `a good file is read`(file: String) throws {
    let source = try ExperimentFile.read(path: Self.folder + "/" + file).get()
    #expect(source.text == (try Self.fixtures.text(file)))
    #expect(source.experiment.name + ".yaml" == file)
  }

  @Test(arguments: files(".bad.yaml"))
  func `a bad file gives all its faults`(file: String) throws {
    let name = String(file.dropLast(".bad.yaml".count)) + ".expected"
    let faults = #expect(throws: ExperimentFaults.self) {
      try ExperimentFile.parse(text: Self.fixtures.text(file), path: file).get()
    }
    let shown = (faults?.description ?? "none") + "\n"
    let expected = try? Self.fixtures.text(name)
    if expected == nil || getenv("RECORD_SNAPSHOTS") != nil { write(shown, to: Self.folder + "/" + name) }
    #expect(shown == expected)
    #expect(!shown.contains("hunter2"))
  }

  @Test func `what a sweep measures is read with its ranges`() throws {
    let source = try ExperimentFile.read(path: Self.folder + "/sweep.good.yaml").get()
    let expected = SweepOutline(
      sizes: [10, 20, 30, 50], levels: [.users(100), .users(500)], warmUp: .zero, duration: .milliseconds(1500),
      repeats: 3, again: 1)
    #expect(source.experiment.sweep == expected)
  }

  @Test func `there are fixtures`() {
    #expect(Self.files(".good.yaml").count >= 3 && Self.files(".bad.yaml").count >= 10)
  }

  private func write(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { return }
    fputs(text, file)
    fclose(file)
  }
}

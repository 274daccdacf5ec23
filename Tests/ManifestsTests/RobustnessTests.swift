import Configuration
import TestSupport
import Testing

@testable import Manifests

/// No text, however strange, stops a reader, keeps it, or makes it give a secret away.
@Suite struct RobustnessTests {
  private static let readers: [@Sendable ([UInt8], String, OtherFiles) -> ConfigurationFile] = [
    { ComposeFile.read($0, path: $1, others: $2) }, { KubernetesManifest.read($0, path: $1, others: $2) },
    { SpringYAML.read($0, path: $1, others: $2) },
  ]

  /// Changes a text as a tired person, or a fuzzer, would: bytes, lines and pieces are taken, doubled and exchanged.
  private static func changed(_ bytes: [UInt8], _ random: inout TestRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int(random.next() % 4) where !bytes.isEmpty {
      let at = Int(random.next() % UInt64(bytes.count))
      let end = min(bytes.count, at + Int(random.next() % 40))
      switch random.next() % 6 {
      case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int(random.next() % UInt64(bytes.count)))
      case 3: bytes.insert(contentsOf: words[Int(random.next() % UInt64(words.count))].utf8, at: at)
      case 4: bytes.removeSubrange(at...)
      default: bytes[at] = Array("\n:-{}[]&*!|>'\"%@`$#, \t")[Int(random.next() % 22)].asciiValue ?? 0
      }
    }
    return bytes
  }

  private static let words = [
    "<<: *x", "&x ", "*x", "---\n", "${", "${A:-${B:-${C}}}", "$(", "{{ .Values.x }}", "- ", ": ", "|\n",
    "99999999999999",
    "-1", "null", "\u{FEFF}", "\r\n", "!!binary ", "? ", "services:\n", "data:\n", "extends: web\n", "\\", "\"",
    "\u{0}",
  ]

  @Test func `changed fixtures are read to the end`() {
    var random = TestRandom(20_260_101)
    let texts = FixtureTests.files.compactMap(FixtureTests.bytes)
    var read = 0
    for round in 0..<3_000 {
      let bytes = Self.changed(texts[round % texts.count], &random)
      let other = Self.changed(texts[(round + 1) % texts.count], &random)
      let file = Self.readers[round % Self.readers.count](bytes, "a/compose.yml") { path in
        path.count < 40 ? other : nil
      }
      for remark in file.remarks { #expect(remark.place.line >= 1 && remark.text.count < 1_000) }
      read += file.applications.count + file.poolers.count + file.servers.count
    }
    // Most of the changes leave something to read.
    #expect(read > 1_000)
  }

  /// Texts that would take much time or memory if nothing bounded them.
  static let heavy: [String] = {
    let deep = String(repeating: "{a: ", count: 5_000)
    let aliases = (1...9).map { "a\($0): &a\($0) [\(String(repeating: "*a\($0 - 1), ", count: 20))]" }
    let chain = (0..<2_000).map { "k\($0): \(String(repeating: "${k\($0 + 1)}", count: 40))" }
    let circle = "a: ${b}\nb: ${a}\nspring.x: ${a}"
    let extending = "services:\n" + (0..<5_000).map { "  s\($0): {extends: s\($0 / 2)}\n" }.joined()
    let shared =
      "x: &e {\((0..<3_000).map { "K\($0): v" }.joined(separator: ", "))}\nservices:\n"
      + (0..<2_000).map { "  s\($0): {environment: *e}\n" }.joined()
    let pods =
      (0..<3_000).map {
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p\($0)}\nspec: {containers: [{image: pgbouncer}]}\n"
      }
      .joined(separator: "---\n")
    return [
      deep, "a0: &a0 x\n" + aliases.joined(separator: "\n"), chain.joined(separator: "\n"), circle, extending, shared,
      pods,
      String(repeating: "---\na: b\n", count: 10_000), String(repeating: "- ", count: 50_000),
      String(repeating: "kind", count: 100_000), String(repeating: "{{", count: 100_000),
    ]
  }()

  @Test(arguments: heavy.indices)
  func `what is heavy is bounded`(index: Int) {
    let bytes = Array(Self.heavy[index].utf8)
    let took = processorTime {
      for reader in Self.readers {
        let file = reader(bytes, "x.yml") { _ in bytes }
        #expect(file.applications.reduce(0) { $0 + $1.settings.count } <= 110_000)
      }
    }
    // A debug build; without bounds it is minutes, or no memory.
    #expect(took < .seconds(60), "\(took)")
  }
}

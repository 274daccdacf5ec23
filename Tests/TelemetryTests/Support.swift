import Glibc
import Model
import TestSupport

@testable import Telemetry

enum Files {
  static let fixtures = ReferenceData(folder: "Fixtures")
  static let folder =
    String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex))
  static let oracles = folder + "Oracles/"
}

/// What a shell command prints; input comes from a file.
func output(of command: String) -> String {
  guard let pipe = popen(command, "r") else { return "" }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, pipe)
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  pclose(pipe)
  return String(decoding: bytes, as: UTF8.self)
}

func write(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "w") else { return }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

extension PoolGauges {
  /// `max 10 in_use 9`, in a fixed order.
  var text: String { figures.map { "\($0.rawValue) \(decimal(self[$0] ?? .nan, places: 6))" }.joined(separator: " ") }
}

extension [UInt8] {
  /// One damage: bytes lost, doubled, replaced, or a cut.
  func damaged(_ random: inout some RandomNumberGenerator) -> [UInt8] {
    guard !isEmpty else { return [UInt8.random(in: 0...255, using: &random)] }
    var bytes = self
    let at = Int.random(in: 0..<count, using: &random)
    let length = Swift.min(Int.random(in: 1...8, using: &random), count - at)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes.removeSubrange(at..<at + length)
    case 1: bytes.insert(contentsOf: bytes[at..<at + length], at: at)
    case 2: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 3: bytes.removeSubrange(at...)
    default: bytes[at] = Array("{}[]\",:\\#=\n\r 0eE-+".utf8).randomElement(using: &random) ?? 0
    }
    return bytes
  }
}

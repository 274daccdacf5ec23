import Configuration
import Glibc

/// The folder of this file, with its slash.
let testFolder = String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex))

func bytes(of path: String) -> [UInt8]? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// The names in a folder that end so, in order.
func names(in folder: String, ending: String) -> [String] {
  guard let open = opendir(folder) else { return [] }
  defer { closedir(open) }
  var names: [String] = []
  while let entry = readdir(open) {
    names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }
  return names.filter { $0.hasSuffix(ending) }.sorted()
}

/// Standard output of a shell command that ends within a minute.
func output(of command: String) -> String {
  let quoted = command.replacing("'", with: "'\\''")
  guard let pipe = popen("exec env -i PATH=\"$PATH\" HOME=/ LC_ALL=C.UTF-8 timeout 60 sh -c '\(quoted)'", "r") else {
    return ""
  }
  defer { pclose(pipe) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&chunk, 1, chunk.count, pipe)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

func noFiles(_ path: String) -> [UInt8]? { nil }

typealias Reader = @Sendable ([UInt8], String, (String) -> [UInt8]?) -> ConfigurationFile

func read(_ reader: Reader, _ text: String, path: String = "file") -> ConfigurationFile {
  reader(Array(text.utf8), path, noFiles)
}

extension ConfigurationFile {
  /// The settings that count, by name.
  var values: [String: String] {
    let settings =
      applications.flatMap(\.settings) + servers.flatMap(\.settings) + poolers.flatMap(\.settings)
    return Dictionary(settings.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
  }
  var addresses: [DatabaseAddress] { applications.flatMap(\.addresses) }
  var hasFault: Bool { remarks.contains { $0.weight == .fault } }
  /// `2 fault: text`, one for each remark.
  var told: [String] { remarks.map { "\($0.place.line) \($0.weight): \($0.text)" } }
}

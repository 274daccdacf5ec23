import Glibc
import Testing

struct ResponseFuzzTests {
  /// Where the programs of the package are built: beside the one that runs the tests.
  private static let products: String = {
    let path = realpath("/proc/self/exe", nil)
    defer { free(path) }
    let text = path.map { String(cString: $0) } ?? ""
    return String(text.prefix(through: text.lastIndex(of: "/") ?? text.startIndex))
  }()

  /// `make fuzz` is the long run of the same program.
  @Test func `no response crashes or holds up its reader, or is read otherwise in pieces`() throws {
    let program = Self.products + "HTTPFuzz"
    try #require(access(program, X_OK) == 0, "\(program) is not built")
    let told = output(of: "\(program) --inputs 3000 --seed \(getpid()) 2>&1")
    #expect(told.contains("3000 inputs") && !told.contains("HTTPFuzz:"), "\(told)")
  }

  private func output(of command: String) -> String {
    guard let pipe = popen(command, "r") else { return "" }
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&room, 1, room.count, pipe)
      if count == 0 { break }
      bytes += room[..<count]
    }
    pclose(pipe)
    return String(decoding: bytes, as: UTF8.self)
  }
}

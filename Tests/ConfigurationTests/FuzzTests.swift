import Glibc
import Testing

struct FuzzTests {
  /// Where the programs of the package are built: beside the one that runs the tests.
  private static let products: String = {
    let path = realpath("/proc/self/exe", nil)
    defer { free(path) }
    let text = path.map { String(cString: $0) } ?? ""
    return String(text.prefix(through: text.lastIndex(of: "/") ?? text.startIndex))
  }()

  /// `make fuzz` is the long run of the same program.
  @Test func `no reader crashes, hangs, grows or shows a password, whatever it is given`() throws {
    let program = Self.products + "Fuzz"
    try #require(access(program, X_OK) == 0, "\(program) is not built")
    let told = output(of: "\(program) \(testFolder)Corpus --seconds 3 --seed \(getpid()) 2>&1")
    #expect(told.contains(" inputs a second") && !told.contains("Fuzz:"), "\(told)")
  }
}

import Testing

@testable import Commands

@Suite struct FileTreeTests {
  @Test(arguments: [
    ("Sources/**", ["Sources/A/b.swift", "Sources/c.swift"]), ("Sources", ["Sources/A/b.swift", "Sources/c.swift"]),
    ("Sources/*.swift", ["Sources/c.swift"]),
    ("**/*.swift", ["Package.swift", "Sources/A/b.swift", "Sources/c.swift"]),
    ("*.swift", ["Package.swift"]), ("Sources/?/b.*", ["Sources/A/b.swift"]), ("Source", []),
    ("Sources/A/b.swift/x", []),
  ])
  func `a glob chooses files as git's pathspecs do`(pattern: String, expected: [String]) throws {
    let project = TestProject()
    for folder in ["Sources", "Sources/A", ".git"] { project.makeFolder("\(project.root)/\(folder)") }
    for file in ["Package.swift", "Sources/c.swift", "Sources/A/b.swift", ".git/x.swift"] {
      write("x", to: "\(project.root)/\(file)")
    }
    #expect(FileTree(project.root).paths(matching: [pattern]) == expected)
  }
}

import Configuration
import System
import TestSupport
import Testing

@testable import Manifests

/// The projects of `Fixtures`, each file read as the audit does, compared with what is written down in `Snapshots`.
@Suite struct FixtureTests {
  static let folder =
    String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex)) + "Fixtures/"

  static let files = [
    "compose/compose.yml", "override/docker-compose.yml", "override/docker-compose.override.yml",
    "poolers/docker-compose.yaml", "kubernetes/shop.yaml", "kubernetes/operators.yaml", "spring/application.yml",
    "spring/application-staging.yaml", "helm/deployment.yaml", "helm/kustomization.yaml", "helm/broken.yaml",
  ]

  static func bytes(_ path: String) -> [UInt8]? { (try? FileSystem.bytes(of: folder + path)) ?? nil }

  static func read(_ path: String) -> ConfigurationFile? {
    guard let bytes = bytes(path) else { return nil }
    guard case .read(let file) = ConfigurationReader.read(bytes, path: path, others: { Self.bytes($0) }) else {
      return nil
    }
    return file
  }

  @Test(arguments: files)
  func `a file is read as written down, without a secret`(path: String) throws {
    let shown = description(try #require(Self.read(path)))
    expectSnapshot(shown, path.split(separator: "/").joined(separator: ".") + ".txt")
    #expect(!shown.contains("hunter2") && !shown.contains("aHVudGVy"))
  }

  @Test(arguments: files)
  func `every setting's place is the line on which it stands`(path: String) throws {
    let file = try #require(Self.read(path))
    let settings = file.applications.flatMap(\.settings) + file.poolers.flatMap(\.settings)
    for setting in settings + file.servers.flatMap(\.settings) {
      let lines = String(decoding: Self.bytes(setting.place.file) ?? [], as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      let line = lines.dropFirst(setting.place.line - 1).first?.lowercased() ?? ""
      let name = setting.name.lowercased().split { ".[]".contains($0) }.last ?? ""
      #expect(line.contains(name) || line.contains(setting.text.lowercased().prefix(12)), "\(text(setting))")
    }
  }
}

import TestSupport
import Testing

/// The passwords that the suite plants wherever a program of ours can meet one: in env files, URLs, commands, consoles. Everything
/// that such a program writes, in whatever test, is searched for them.
enum PlantedSecrets {
  private static let all = [TestProject.secret, TestApp.secret]

  static func expectNone(in ending: Program.Ending, _ words: [String]) {
    for secret in all where ending.output.contains(secret) || ending.error.contains(secret) {
      let line = words.joined(separator: " ").replacing(secret, with: "...")
      Issue.record("a planted password is in what 'poolops \(line)' wrote")
    }
  }
}

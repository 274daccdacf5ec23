import Commands
import Glibc
import Model
import Staging
import Store
import TestSupport
import Testing

/// `kill -9` at every moment that differs, on a real process, a real PostgreSQL and a real file.
@Suite(.serialized) struct KillTests {
  /// One project and one staging for all trials; each trial leaves both as it found them, or fails.
  private static let project = Result { () throws -> TestProject in
    let project = TestProject()
    project.add("tiny", Tiny().text)
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  /// Every call of one whole execution, in order, as `STAGE:CALL:N`.
  private static let places = Result { () throws -> [String] in
    let project = try Self.project.get()
    let trace = project.root + "/trace"
    let ending = try project.poolops(["experiment", "run", "tiny"], variables: ["TRACE": trace], program: "Killable")
    print(ending)
    return (text(of: trace) ?? "").split(separator: "\n").map(String.init)
  }

  @Test func `trace`() throws {
    print(try Self.places.get())
  }
}

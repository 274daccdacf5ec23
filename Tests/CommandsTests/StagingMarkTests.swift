import Commands
import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

/// The mark of a real database of the test cluster, made for the test.
@Suite(.serialized) struct StagingMarkTests {
  private let name: String
  private let info: ConnectionInfo
  private let project = TestProject()

  init() throws {
    let name = "mark me \(UInt32.random(in: 0 ... .max))"
    let admin = try TestCluster.admin()
    try admin.execute("CREATE DATABASE \"\(name)\"", within: .seconds(30))
    var info = try TestCluster.running().admin
    info["dbname"] = name
    (self.name, self.info) = (name, info)
  }

  private func drop() throws {
    try TestCluster.admin().execute("DROP DATABASE \"\(name)\" WITH (FORCE)", within: .seconds(30))
  }

  private func mark() throws -> String? { try StagingMark.name(in: Session(info)) }

  private func variables(_ user: String? = nil) -> [String: String] {
    var info = info
    if let user { info["user"] = user }
    return ["STAGING_DATABASE_URL": info.parameters.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")]
  }

  private func poolops(_ words: [String], typed: String? = nil, user: String? = nil) -> Program.Ending {
    var (output, error) = ("", "")
    var world = World(
      arguments: ["staging"] + words + ["-C", project.root], variables: variables(user), directory: "/",
      output: { output += $0 }, error: { error += $0 }, now: { Timestamp(microseconds: 0) }, randomSeed: { 1 })
    if let typed { (world.inputIsTerminal, world.readLine) = (true, { typed }) }
    let status = Poolops.main(in: world)
    return Program.Ending(status: status, output: output, error: error)
  }

  @Test func `a database is marked by whoever types its name, and by no other word`() throws {
    #expect(poolops(["mark"]).status == Exit.usage.rawValue, "in a pipe nobody types")
    let wrong = poolops(["mark"], typed: "staging")
    #expect(wrong.status == Exit.usage.rawValue && wrong.error.contains("nothing was marked"), "\(wrong)")
    #expect(wrong.error.contains("database  \(name)\n") && wrong.error.contains("PostgreSQL "))
    #expect(poolops(["mark", "--database", "other"]).status == Exit.usage.rawValue)
    #expect(poolops(["mark", "--name", "a b", "--database", name]).status == Exit.usage.rawValue)
    #expect(try mark() == nil)
    #expect(poolops(["mark"], typed: name).status == 0)
    #expect(try mark() == "staging")
    let again = poolops(["mark"])
    #expect(again.status == 0 && again.output.contains("bears the mark already"), "nothing is asked then: \(again)")
    #expect(poolops(["mark", "--database", name, "--name", "blue", "--json"]).output.contains("\"changed\": true"))
    #expect(try mark() == "blue")
    for sentence in ["is no staging any more", "bore no mark"] {
      let off = poolops(["unmark"])
      #expect(off.status == 0 && off.output.contains(sentence), "\(off)")
    }
    #expect(try mark() == nil)
    try drop()
  }

  @Test func `who may not is told what the owner has to type`() throws {
    try TestCluster.admin().execute("CREATE ROLE \"marker \(getpid())\" LOGIN")
    for words in [["mark", "--database", name], ["unmark"]] {
      if words == ["unmark"] { try Session(info).execute(StagingMark.statement(database: name, name: "staging")) }
      let ending = poolops(words, user: "marker \(getpid())")
      #expect(ending.status == Exit.badConfiguration.rawValue, "\(ending)")
      #expect(ending.error.contains("ALTER DATABASE \"\(name)\" "), "\(ending)")
    }
    try drop()
    try TestCluster.admin().execute("DROP ROLE \"marker \(getpid())\"")
  }

  @Test func `what is listed as production is never marked`() throws {
    let identifier = try ProductionGuard.identifier(Session(info), target: "x")
    for list in ["databases: [\"\(name)\"]", "system_identifiers: [\(identifier)]", "hosts: []", "host: [a]"] {
      write("version: 1\n\(list)\n", to: project.root + "/production.yaml")
      let ending = poolops(["mark", "--database", name])
      #expect(ending.status == Exit.badConfiguration.rawValue, "\(list): \(ending)")
    }
    #expect(try mark() == nil)
    try drop()
  }
}

import Ecosystems
import Model
import Testing

struct TableTests {
  @Test func `each ecosystem speaks of every setting, under a name of its own`() {
    let all = Ecosystem.all
    #expect(Set(all.map(\.id)).count == all.count)
    for ecosystem in all {
      #expect(Set(ecosystem.settings.keys) == Set(SettingKey.allCases), "\(ecosystem.id)")
      #expect(Set(ecosystem.names).count == ecosystem.names.count, "\(ecosystem.id): a name stands for two settings")
      #expect(ecosystem.names.allSatisfy { ecosystem.strangers[$0] == nil }, "\(ecosystem.id)")
      #expect(!ecosystem.source.isEmpty && !ecosystem.effective.isEmpty)
      #expect(Ecosystem.named(ecosystem.id) == ecosystem)
    }
    #expect(Ecosystem.named("oracle") == nil)
  }

  /// A default must be readable by the table's own rules: else a unit, a zero or a floor is wrong.
  @Test(arguments: Ecosystem.all.map(\.id)) func `each default can be written and is read back`(id: String) throws {
    let ecosystem = try #require(Ecosystem.named(id))
    for key in SettingKey.allCases {
      guard let dialect = ecosystem.dialect(of: key), let value = ecosystem.standard(of: key) else { continue }
      let written = ecosystem.write([key: value])
      let reading = ecosystem.read(ecosystem.form.text(written.lines))
      #expect(reading.values == [key: value] && reading.faults == [], "\(dialect.name): \(written) \(reading)")
      #expect(written.losses == [])
    }
  }

  @Test func `of one library, exactly one table holds for a version`() {
    for (library, version, id) in [
      ("asyncpg", [0, 27], "asyncpg-0.31"), ("asyncpg", [0, 31, 9], "asyncpg-0.31"),
      ("asyncpg", [0, 32, 0], "asyncpg"),
      ("prisma", [6, 19], "prisma"), ("prisma", [7], "prisma-7"), ("PgBouncer", [1, 18, 0], "pgbouncer-1.20"),
      ("PgBouncer", [1, 21], "pgbouncer-1.23"), ("PgBouncer", [1, 23, 1], "pgbouncer-1.23"),
      ("PgBouncer", [1, 24], "pgbouncer"),
    ] {
      let holding = Ecosystem.all.filter { $0.versions.library == library && $0.versions.contains(version) }
      #expect(holding.map(\.id) == [id], "\(library) \(version)")
    }
    let texts = Ecosystem.all.map(\.versions.text)
    #expect(texts.contains("PgBouncer from 1.21, before 1.24") && texts.contains("asyncpg before 0.32"))
  }
}

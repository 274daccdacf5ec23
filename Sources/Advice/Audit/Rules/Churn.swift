import Configuration
import Ecosystems
import Model

/// A pool that closes connections as they are given back, and opens them again for the next request.
struct Churn: AuditCheck {
  let rule = AuditRule(
    "churn", "Connections are kept, not reopened under load", .warning,
    why: """
      In psycopg2 and Go's database/sql the minimum is what is retained: a connection given back above it is closed at once. With 5 of 40 \
      retained, 74 to 76 % of checkouts opened a new backend: 275 requests/s and a median of 92 ms, against 1,781/s and 4.4 ms with 40 of \
      40. SQLAlchemy closes its overflow in the same way: 5 + 35 reopened 15 to 16 % and had a p95 of 62 ms against 8 (measured with \
      PostgreSQL 15 on two cores).
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.compactMap { pool in
      guard let ecosystem = pool.ecosystem else { return nil }
      if ecosystem.dialect(of: .minSize)?.sense == "retained size" { return retained(pool, ecosystem, landscape) }
      return ecosystem.dialect(of: .maxSize)?.addend == nil ? nil : overflow(pool, ecosystem, landscape)
    }
  }

  private func retained(_ pool: PoolUse, _ ecosystem: Ecosystem, _ landscape: Landscape) -> Finding? {
    let written = pool.settings[.minSize]
    guard let kept = written.map({ $0.count }) ?? ecosystem.standard(of: .minSize)?.asCount else { return nil }
    let isUnlimited = if case .unlimited = pool.maximum { true } else { false }
    let most = pool.maximum.count
    guard isUnlimited || most.map({ kept < $0 }) == true else { return nil }
    let name = written?.written.name ?? ecosystem.dialect(of: .minSize)?.name ?? ""
    let of = most.map { "of \($0)" } ?? "of any number of"
    let message = """
      \(pool.name): \(ecosystem.title) retains \(kept) \(of) connections (\(name)\(written == nil ? " by default" : "")): above them each \
      connection that is given back is closed, and a busy pool reconnects all the time
      """
    return Finding(
      rule, at: written?.written.place ?? pool.place, message, fix: most.flatMap { fix($0, written, pool, landscape) },
      related: pool.settings[.maxSize].map { [Finding.Related($0.written.place, $0.said)] } ?? [])
  }

  private func fix(_ most: Int, _ written: PoolSetting?, _ pool: PoolUse, _ landscape: Landscape) -> Finding.Fix? {
    if let written { return landscape.fix(written, of: pool, to: "\(most)") }
    return pool.ecosystem?.id == "database-sql" ? Finding.Fix("db.SetMaxIdleConns(\(most))", kind: .code) : nil
  }

  private func overflow(_ pool: PoolUse, _ ecosystem: Ecosystem, _ landscape: Landscape) -> Finding? {
    guard case .known(let total, .some) = pool.maximum, let addend = ecosystem.dialect(of: .maxSize)?.addend else {
      return nil
    }
    let written = pool.words[.overflow]
    let more = written.flatMap { Int($0.text) } ?? addend.standard
    guard more > 0 else { return nil }
    let size = total.value - more
    let message = """
      \(pool.name): \(more) of its \(total.value) connections are overflow\(written == nil ? " by default" : ""): \(ecosystem.title) closes \
      each of them as soon as it is given back, and a busy pool reconnects all the time
      """
    return Finding(
      rule, at: written?.place ?? pool.place, message, fix: steady(size, more, written, pool, landscape))
  }

  /// The same number of connections, all of them kept.
  private func steady(
    _ size: Int, _ more: Int, _ written: Configuration.Written?, _ pool: PoolUse, _ landscape: Landscape
  ) -> Finding.Fix {
    guard let written else {
      return Finding.Fix("create_engine(url, pool_size=\(size + more), max_overflow=0)", kind: .code)
    }
    let sizes = pool.settings[.maxSize].map { [landscape.fix($0, of: pool, to: "\(size + more)")] } ?? []
    return landscape.fix(written, to: "0", also: sizes)
  }
}

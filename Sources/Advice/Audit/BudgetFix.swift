import Ecosystems
import Configuration
import Model

/// What makes a budget fit: the largest pool smaller, else all of them, else the server larger.
struct BudgetFix {
  let budget: SlotBudget
  let server: Int
  let landscape: Landscape

  init(_ budget: SlotBudget, _ server: Int, _ landscape: Landscape) {
    self.budget = budget
    self.server = server
    self.landscape = landscape
  }

  var fix: Finding.Fix? {
    smallerPool(atLeast: 0.5) ?? smallerPools ?? smallerPool(atLeast: 0) ?? smallerPooler ?? largerServer
  }

  /// A size for a pool that has none.
  var bound: Finding.Fix? {
    guard let pool = budget.lines.first(where: \.isUnlimited).flatMap(pool), let size = size(of: pool, known: 0)
    else { return nil }
    if let written = pool.settings[.maxSize] { return landscape.fix(written, of: pool, to: "\(size)") }
    return pool.ecosystem?.id == "database-sql" ? Finding.Fix("db.SetMaxOpenConns(\(size))", kind: .code) : nil
  }

  private func pool(_ line: SlotBudget.Line) -> PoolUse? { landscape.pools.first { $0.name == line.who } }

  /// The largest taker is a pool whose size is written, and keeps at least a share of it.
  private func smallerPool(atLeast share: Double) -> Finding.Fix? {
    guard let line = largest, line.kind != .pooler, let pool = pool(line), let written = pool.settings[.maxSize],
      let now = pool.maximum.count, let size = size(of: pool, known: line.slots ?? 0), size < now,
      Double(size) >= Double(now) * share
    else { return nil }
    // What overflow adds stays: the size that is written is lower by it.
    let own = size - (now - (written.count ?? now))
    guard own > 0 else { return nil }
    return landscape.fix(written, of: pool, to: "\(own)", also: smallerMinimum(pool, own))
  }

  /// The minimum goes down with the maximum.
  private func smallerMinimum(_ pool: PoolUse, _ size: Int) -> [Finding.Fix] {
    guard let least = pool.settings[.minSize], let count = least.count, count > size else { return [] }
    return [landscape.fix(least, of: pool, to: "\(size)")]
  }

  /// Every pool whose size is written, by the same factor.
  private var smallerPools: Finding.Fix? {
    guard let planned = budget.planned, let usable = budget.usable else { return nil }
    let lines = budget.lines.filter { line in
      line.kind != .pooler && line.slots != nil && pool(line)?.settings[.maxSize]?.count != nil
    }
    let slots = lines.reduce(0) { $0 + ($1.slots ?? 0) }
    let surge = lines.reduce(0) { $0 + $1.surge }
    guard lines.count > 1, slots > 0 else { return nil }
    let others = budget.atRest - slots
    let othersInDeploy = budget.duringAllDeploys - slots - surge
    let factor = min(
      Double(planned - others) / Double(slots), Double(usable - othersInDeploy) / Double(slots + surge))
    let fixes = scaled(lines, by: factor)
    guard factor > 0, factor < 1, var first = fixes?.first else { return nil }
    first.also += fixes?.dropFirst() ?? []
    return first
  }

  /// nil where one of them would have nothing left.
  private func scaled(_ lines: [SlotBudget.Line], by factor: Double) -> [Finding.Fix]? {
    var sizes: [Place: (setting: PoolSetting, pool: PoolUse, size: Int)] = [:]
    for line in lines {
      guard let pool = pool(line), let setting = pool.settings[.maxSize], let own = setting.count,
        let most = pool.maximum.count
      else { return nil }
      let size = Int((Double(most) * factor).rounded(.down)) - (most - own)
      guard size > 0 else { return nil }
      let known = sizes[setting.written.place]?.size ?? size
      sizes[setting.written.place] = (setting, pool, min(size, known))
    }
    return sizes.keys.sorted().compactMap { place in
      sizes[place].map { entry in
        landscape.fix(
          entry.setting, of: entry.pool, to: "\(entry.size)", also: smallerMinimum(entry.pool, entry.size))
      }
    }
  }

  private var largest: SlotBudget.Line? { budget.lines.max { ($0.slots ?? 0) < ($1.slots ?? 0) } }

  /// The largest size of one process with which everything fits, at rest in the planned share and in every deploy.
  private func size(of pool: PoolUse, known slots: Int) -> Int? {
    guard let planned = budget.planned, let usable = budget.usable else { return nil }
    let copies = pool.copies
    let others = budget.atRest - slots
    let surge = budget.lines.filter { $0.who != pool.name }.reduce(0) { $0 + $1.surge }
    let atRest = (planned - others) / max(1, copies.processes.value * copies.replicas.value)
    let deploy = (usable - others - surge) / max(1, copies.processes.value * (copies.replicas.value + copies.extra))
    let size = min(atRest, deploy)
    return size > 0 ? size : nil
  }

  private var smallerPooler: Finding.Fix? {
    guard let line = largest, line.kind == .pooler, let planned = budget.planned,
      let pooler = landscape.poolers.first(where: { $0.name == line.who }), let slots = line.slots,
      let written = pooler.setting("default_pool_size")
    else { return nil }
    let mine = pooler.pools.filter { $0.server == server }
    // Only where every pool has the default size is one line enough.
    guard mine.allSatisfy({ $0.size?.origin == .written(written.place) }), let reserve = mine.first?.reserve.value,
      mine.allSatisfy({ $0.reserve.value == reserve })
    else { return nil }
    let room = (planned - (budget.atRest - slots)) / (mine.count * max(1, pooler.replicas.value)) - reserve
    return room > 0 && room < Int(written.text) ?? 0 ? landscape.fix(written, to: "\(room)") : nil
  }

  /// `max_connections` for which everything fits, in tens.
  private var largerServer: Finding.Fix? {
    guard let total = budget.total else { return nil }
    let reserved = budget.deductions.reduce(0) { $0 + $1.count.value }
    let planned = Int((Double(budget.atRest) / budget.targetShare).rounded(.up))
    let needed = max(planned, budget.duringAllDeploys) + reserved
    let most = max(total.value, (needed + 9) / 10 * 10)
    guard most <= 100_000 else { return nil }
    let use = landscape.servers[server]
    if let written = use.setting("max_connections") { return landscape.fix(written, to: "\(most)") }
    return use.place.map { landscape.addition("max_connections", "\(most)", beside: $0) }
  }
}

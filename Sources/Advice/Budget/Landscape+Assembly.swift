import Configuration

extension Landscape {
  package init(_ files: [ConfigurationFile], _ options: AuditOptions) {
    self.init(
      files: files, options: options, applications: [], pools: [], poolers: [], servers: [], remarks: [], budgets: [])
    let facts = FileFacts(files)
    formats = Dictionary(files.map { ($0.path, $0.format) }, uniquingKeysWith: { first, _ in first })
    servers = ServerAssembly(files, options).servers
    poolers = PoolerAssembly(files, options, facts).poolers
    applications = ApplicationAssembly(files, options, facts, known: names).applications
    pools = applications.flatMap { PoolAssembly($0, options).pools }
    Targets.assign(&self)
    budgets = SlotBudget.all(self)
    remarks = Self.remarks(self)
  }

  /// Services that are a server or a pooler themselves: no application.
  private var names: Set<String> {
    Set(servers.map(\.name) + poolers.map(\.name))
  }
}

import Configuration

extension Landscape {
  package init(_ files: [ConfigurationFile], _ options: AuditOptions) {
    self.init(
      files: files, options: options, applications: [], pools: [], poolers: [], servers: [], remarks: [], budgets: [])
    let facts = FileFacts(files)
    servers = ServerAssembly(files, options).servers
    poolers = PoolerAssembly(files, options, facts).poolers
    applications = ApplicationAssembly(files, options, facts, known: names).applications
    pools = applications.flatMap { PoolAssembly($0, options).pools }
    Targets.assign(&self)
    budgets = SlotBudget.all(self)
  }

  /// Services that are a server or a pooler themselves: no application.
  private var names: Set<String> {
    Set(servers.map(\.name) + poolers.map(\.name))
  }
}

import Configuration
import Ecosystems
import Model

extension Landscape {
  /// What could not be known, and what would make it known.
  static func remarks(_ landscape: Landscape) -> [ConfigurationFile.Remark] {
    let pools = landscape.pools.flatMap { kind(of: $0) + units(of: $0) }
    let applications = landscape.applications.flatMap { aside($0, landscape) + unseen($0, landscape) + facts($0) }
    let poolers = landscape.poolers.flatMap { pooler in
      pooler.assumptions.map { ConfigurationFile.Remark(.notice, $0, at: pooler.place) }
    }
    return pools + applications + poolers
  }

  private static func kind(of pool: PoolUse) -> [ConfigurationFile.Remark] {
    if let ecosystem = pool.ecosystem {
      guard ecosystem.id == "asyncpg", !isNamed(pool) else { return [] }
      return [
        .init(
          .notice,
          "\(pool.name): asyncpg from 0.32 is taken; before it min_size is no floor (pool=asyncpg-0.31 says so)",
          at: pool.place)
      ]
    }
    return [
      .init(
        .notice,
        """
        \(pool.name): which pool it is, is not known, so only its counts are checked; '# poolops: pool=NAME' in the file or --pool says it
        """, at: pool.place)
    ]
  }

  private static func isNamed(_ pool: PoolUse) -> Bool {
    switch pool.recognition {
    case .directive, .option: true
    case .ownNames, .address, .genericNames, .addressOnly: false
    }
  }

  private static func units(of pool: PoolUse) -> [ConfigurationFile.Remark] {
    pool.settings.keys.sorted().compactMap { key in
      guard let setting = pool.settings[key], case .number = setting.meaning else { return nil }
      return .init(
        .notice, "\(pool.name): the unit of \(setting.said) is not known, so no rule about times looks at it",
        at: setting.written.place)
    }
  }

  private static func aside(_ application: ApplicationUse, _ landscape: Landscape) -> [ConfigurationFile.Remark] {
    guard let reason = application.aside,
      landscape.pools.contains(where: { $0.application.place == application.place })
    else { return [] }
    return [.init(.notice, reason, at: application.place)]
  }

  /// Where settings may come from that no file shows.
  private static func unseen(_ application: ApplicationUse, _ landscape: Landscape) -> [ConfigurationFile.Remark] {
    guard !application.unseen.isEmpty,
      landscape.pools.contains(where: { $0.application.place == application.place })
    else { return [] }
    return application.unseen.map { source in
      switch source {
      case .file(let path, let place):
        .init(.notice, "\(application.name) takes settings from \(path), which was not read", at: place)
      case .configMap(let name, let place):
        .init(.notice, "\(application.name) takes settings from the ConfigMap \(name), which was not read", at: place)
      case .secret(let name, let place):
        .init(.notice, "\(application.name) takes settings from the Secret \(name), which no file shows", at: place)
      }
    }
  }

  /// Directives that say something unusable.
  private static func facts(_ application: ApplicationUse) -> [ConfigurationFile.Remark] {
    application.facts.keys.sorted().compactMap { name in
      guard let fact = application.facts[name], let place = fact.origin.place else { return nil }
      let isFine =
        switch name {
        case "pool": Ecosystem.named(fact.value) != nil
        case "replicas", "processes": application.facts.number(name) != nil
        case "surge": application.facts.surge(name) != nil
        default: true
        }
      guard !isFine else { return nil }
      let near = name == "pool" ? nearest(to: fact.value, in: Ecosystem.all.map(\.id)) : nil
      let hint = near.map { ". Did you mean '\($0)'?" } ?? ""
      return .init(.notice, "the directive \(name)=\(fact.value) says nothing that can be used\(hint)", at: place)
    }
  }
}

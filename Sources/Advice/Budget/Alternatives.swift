import Configuration

/// Applications of which only one runs at a time, or none without being asked for: profiles, `.env` beside
/// `.env.production`.
struct Alternatives {
  /// Why the application at a place is not counted.
  private var reasons: [Key: String] = [:]

  private struct Key: Hashable {
    var name: String
    var place: Place
  }

  init(_ files: [ConfigurationFile], _ profiles: Set<String>) {
    for application in files.flatMap(\.applications)
    where application.kind != .settings && !application.profiles.isEmpty {
      guard profiles.isDisjoint(with: application.profiles) else { continue }
      let names = application.profiles.joined(separator: ", ")
      set(application, "\(application.name) starts only with the profile \(names), and is not counted")
    }
    var groups: [String: [Application]] = [:]
    for file in files {
      guard let kind = Self.kind(file) else { continue }
      groups["\(kind) \(directory(file.path))", default: []] += file.applications.filter { $0.kind == .settings }
    }
    for group in groups.values where group.count > 1 { choose(group, profiles) }
  }

  func reason(_ application: Application) -> String? {
    reasons[Key(name: application.name, place: application.place)]
  }

  private mutating func set(_ application: Application, _ reason: String) {
    reasons[Key(name: application.name, place: application.place)] = reason
  }

  /// What the variants of a file have in common; nil where files stand for themselves.
  private static func kind(_ file: ConfigurationFile) -> String? {
    switch file.format {
    case .spring, .properties: return "spring"
    case .environment: return lastPart(file.path).hasPrefix(".env") ? "env" : nil
    case .connection, .pgBouncer, .postgreSQL, .compose, .toml, .kubernetes: return nil
    }
  }

  private static func lastPart(_ path: String) -> Substring {
    path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
  }

  /// The one whose profile is selected; else production's env file; else the one that always holds.
  private mutating func choose(_ group: [Application], _ profiles: Set<String>) {
    let sorted = group.sorted { $0.name < $1.name }
    let chosen =
      sorted.first { !profiles.isDisjoint(with: $0.profiles) }
      ?? sorted.first { $0.profiles.isEmpty && Self.lastPart($0.name).contains("prod") }
      ?? sorted.first { $0.profiles.isEmpty } ?? sorted.first
    guard let chosen else { return }
    for other in sorted where other != chosen {
      set(other, "\(other.name) is used instead of \(chosen.name), not beside it, and is not counted")
    }
  }
}

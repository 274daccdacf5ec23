import Advice
import Configuration

/// Does to files what the fix of a finding says, so that a second audit can tell whether it helps.
struct Repair {
  private(set) var files: [ConfigurationFile]

  /// - Returns: nil when the fix belongs into a program's source.
  init?(_ files: [ConfigurationFile], _ finding: Finding) {
    guard let fix = finding.fix, fix.kind != .code else { return nil }
    self.files = files
    apply(fix)
  }

  private mutating func apply(_ fix: Finding.Fix) {
    for index in files.indices { change(&files[index], fix) }
    for other in fix.also { apply(other) }
  }

  private func change(_ file: inout ConfigurationFile, _ fix: Finding.Fix) {
    guard (fix.place?.file ?? fix.file) == file.path else { return }
    for index in file.applications.indices {
      change(&file.applications[index].settings, fix, adds: false)
      guard fix.kind == .parameter else { continue }
      for address in file.applications[index].addresses.indices
      where file.applications[index].addresses[address].place == fix.place {
        set(&file.applications[index].addresses[address].options, fix, fix.place)
      }
    }
    for index in file.poolers.indices { change(&file.poolers[index].settings, fix, adds: true) }
    for index in file.servers.indices { change(&file.servers[index].settings, fix, adds: true) }
  }

  private func change(_ settings: inout [Written], _ fix: Finding.Fix, adds: Bool) {
    guard fix.kind != .parameter, let name = fix.setting else { return }
    guard let place = fix.place else {
      if adds, let value = fix.value { settings.append(Written(name, value, at: Place("added", line: 1))) }
      return
    }
    guard let index = settings.firstIndex(where: { $0.place == place }) else { return }
    if let value = fix.value, fix.kind == .line {
      settings[index] = Written(name, value, at: place)
    } else {
      settings.remove(at: index)
    }
  }

  private func set(_ options: inout [Written], _ fix: Finding.Fix, _ place: Place?) {
    guard let name = fix.setting, let value = fix.value, let place else { return }
    options.removeAll { $0.name == fix.replaces ?? name }
    options.append(Written(name, value, at: place))
  }
}

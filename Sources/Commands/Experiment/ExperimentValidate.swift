import Arguments
import Model
import Report

struct ExperimentValidate: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Read experiment files and name every fault.",
    discussion: "Exits with 78 when a file has faults. Touches nothing.")
  @Argument(help: ArgumentHelp("Experiments, by name or path (default: all).", valueName: "name")) var names: [String] =
    []
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let library = ExperimentLibrary(try Project(world, options), world)
    let chosen = names.isEmpty ? try library.names : names
    guard !chosen.isEmpty else {
      throw Failure(.usage, "there are no experiments here", hint: "Name a file, or a folder with -C.")
    }
    var faults: [(name: String, failure: Failure)] = []
    for name in chosen {
      do throws(Failure) { _ = try library.entry(name) } catch { faults.append((name, error)) }
    }
    if options.json {
      world.output(json(chosen, faults).text)
    } else {
      for fault in faults { world.note(withoutPassword(fault.failure.description)) }
      let fine = chosen.filter { name in !faults.contains { $0.name == name } }
      if !fine.isEmpty, !options.quiet { world.output("fine: \(fine.joined(separator: ", "))\n") }
    }
    return faults.first?.failure.status ?? .go
  }

  private func json(_ chosen: [String], _ faults: [(name: String, failure: Failure)]) -> JSONValue {
    .array(
      chosen.map { name in
        let failure = faults.first { $0.name == name }?.failure
        let lines = failure.map {
          withoutPassword($0.message).split(separator: "\n").map { JSONValue.string(String($0)) }
        }
        return ["name": .string(name), "valid": .bool(failure == nil), "faults": .array(lines ?? [])]
      })
  }
}

import Arguments
import Model
import Store

struct RunTag: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give a run a name, to compare later ones with.",
    discussion: """
        poolops run tag run-12 golden
        poolops diff golden run-13

      A name belongs to one run at a time; given again it moves.
      """)
  @Argument(help: ArgumentHelp("A run, such as run-12, or a tag.", valueName: "run")) var run: String
  @Argument(help: ArgumentHelp("Letters, digits, '-', '_' and '.'.", valueName: "name")) var name: String
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if let fault = Tag.fault(inName: name) { throw ValidationError("The name '\(name)' \(fault).") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let run = try taggable(try ResultsStore.reading(project))
    let store = try ResultsStore.writing(project)
    let previous = try store.ask { () throws(StoreError) in try store.tag(run, name, at: world.now()) }
    let moved = previous.flatMap { $0 == run ? nil : " (it was \($0))" } ?? ""
    if !options.quiet { world.output("\(name) is \(run)\(moved).\n") }
    return .go
  }

  /// Only what can be compared is worth a name, and an experiment keeps its own.
  private func taggable(_ store: ResultsStore) throws(Failure) -> RunID {
    let run = try RunNames(store).run(run)
    _ = try store.finished([run])
    guard try store.ask({ () throws(StoreError) in try store.experimentNames() }).contains(name) else { return run }
    throw Failure(.usage, "'\(name)' is an experiment; a run of that name could not be told from it")
  }
}

struct RunUntag: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "untag", abstract: "Take a name away from its run. The run stays.")
  @Argument(help: ArgumentHelp("The name, such as golden.", valueName: "name")) var name: String
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let reader = try ResultsStore.reading(project)
    let names = try reader.ask { () throws(StoreError) in try reader.tags() }.map(\.name)
    guard names.contains(name) else {
      let near = nearest(to: name, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw Failure(
        .usage, "no run is called '\(name)'\(near)", hint: "Type 'poolops run list' to see what there is.")
    }
    let store = try ResultsStore.writing(project)
    let run = try store.ask { () throws(StoreError) in try store.untag(name) }
    if !options.quiet { world.output("\(name) was \(run.map { "\($0)" } ?? "nothing"); the name is free.\n") }
    return .go
  }
}

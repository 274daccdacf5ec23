import Arguments

/// Options of every command.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("The results file (default: results.db, or $POOLOPS_DB).", valueName: "file"))
  var db: String?

  @Option(
    name: [.customShort("C"), .customLong("directory")],
    help: ArgumentHelp("The project's folder (default: the nearest with experiments/).", valueName: "folder"))
  var directory: String?

  @Flag(help: "Print JSON instead of text.") var json = false
  @Flag(name: .shortAndLong, help: "No progress, only results and errors.") var quiet = false
  init() {}
}

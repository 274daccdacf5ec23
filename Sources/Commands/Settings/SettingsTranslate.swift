import Arguments
import Ecosystems
import Model
import Report

struct SettingsTranslate: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Write one ecosystem's settings in the words of another, and tell what is lost.",
    discussion: """
      The file holds name=value, name: value or a connection URL, in the first ecosystem's own names. The settings go \
      to standard output; what is lost, changed or left out goes to standard error.
      """ + " " + Ecosystem.known)
  @Option(help: ArgumentHelp("Whose words the file is in.", valueName: "ecosystem")) var from: String
  @Option(help: ArgumentHelp("Whose words to write.", valueName: "ecosystem")) var to: String
  @Argument(help: ArgumentHelp("The file with the settings.", valueName: "file")) var file: String
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let from = try Ecosystem.chosen(from)
    let to = try Ecosystem.chosen(to)
    let acceptedNames = "Names that are read for \(from.title): \(from.names.joined(separator: ", "))."
    guard file != "-" else {
      throw Failure(
        .usage, "'-' is no file: standard input is not read",
        hint: "Give a file with lines such as name=value. \(acceptedNames)")
    }
    let reading = from.read(try Files.read(absolute(file, world), limit: 1 << 20))
    guard reading.faults.isEmpty else {
      throw Failure(
        .badConfiguration, reading.faults.map { "\(file):\($0.line): \($0.text)" }.joined(separator: "\n"))
    }
    guard !reading.values.isEmpty else {
      throw Failure(.badConfiguration, "\(file) has no setting of \(from.title)", hint: acceptedNames)
    }
    let written = translate(from: from, to: to, values: reading.values)
    let report = SettingsTranslationReport(written, for: to, notices: reading.notices)
    world.tell(report, options)
    return .go
  }
}

extension World {
  /// The settings as data; what is to be known of them as a message.
  func tell(_ report: SettingsTranslationReport, _ options: GlobalOptions) {
    if options.json { return output(report.json.text) }
    output(report.settings)
    error(report.remarks(errorStyle))
  }
}

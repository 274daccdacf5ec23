import Arguments
import Model
import Report
import Store

struct GoNoGoSign: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Record that a person vouches for a manual item of the policy.",
    discussion: """
      The signature holds for the item's present words and for the policy's time. It is only ever added to the results; \
      who signs again replaces an older signature, and both stay on record.
      """)
  @Argument(help: ArgumentHelp("The item's id in runbooks/go-no-go.yaml.", valueName: "item")) var item: String
  @Option(help: ArgumentHelp("Who signs: a person's name.", valueName: "name")) var by: String
  @Option(help: ArgumentHelp("What the person wants to add.", valueName: "text")) var note: String?
  @OptionGroup var options: GlobalOptions

  private static let longest = 200

  func validate() throws {
    guard Self.isLine(by), by.contains(where: \.isLetter) else {
      throw ValidationError("The value '\(by)' is invalid for '--by <name>'. Give a person's name, on one line.")
    }
    if let note, !Self.isLine(note) {
      throw ValidationError("The value of '--note <text>' takes one line of at most \(Self.longest) characters.")
    }
  }

  private static func isLine(_ text: String) -> Bool {
    text.count <= longest && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let (policy, path) = try project.policy()
    let found = try chosen(policy, path)
    let now = world.now()
    let signature = SignOff(
      item: found.id, signedBy: by, date: String(now.text.prefix(10)), subject: digest(of: found.text),
      note: note ?? "", at: now)
    let store = try ResultsStore.writing(project)
    try store.ask { () throws(StoreError) in try store.record(signature) }
    store.close()
    let end = Timestamp(microseconds: now.microseconds + (found.maxAge ?? policy.maxAge).nanoseconds / 1000)
    let report = SignatureReport(signature, text: found.text, until: end)
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }

  private func chosen(_ policy: GoNoGoPolicy, _ path: String?) throws(Failure) -> GoNoGoPolicy.ManualItem {
    if let found = policy.manual.first(where: { $0.id == item }) { return found }
    guard let path else {
      throw Failure(
        .usage, "there is no item '\(item)': this project has no policy",
        hint: "Write runbooks/go-no-go.yaml; docs/go-no-go.md says how.")
    }
    let ids = policy.manual.map(\.id)
    guard !ids.isEmpty else { throw Failure(.usage, "there is no item '\(item)': \(path) has no manual items") }
    let guess = nearest(to: item, in: ids).map { ". Did you mean '\($0)'?" } ?? "."
    throw Failure(
      .usage, "there is no item '\(item)' in \(path)\(guess)", hint: "Known: \(ids.joined(separator: ", "))")
  }
}

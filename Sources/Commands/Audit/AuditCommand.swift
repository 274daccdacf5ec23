import Advice
import Arguments
import Configuration
import Model
import Report

struct AuditCommand: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Find what will hurt in configuration files, and add up the server's slots.",
    discussion: """
        poolops audit .
        poolops audit .env deploy/ --pool asyncpg --max-connections 100
        poolops audit --format sarif . > audit.sarif
        poolops audit --live --server DATABASE_URL deploy/
        kustomize build prod | poolops audit --as kubernetes -

      Reads env files, connection strings, pgbouncer.ini, postgresql.conf, Spring properties and YAML, Compose, TOML and \
      Kubernetes manifests. Folders are walked; hidden folders, node_modules, vendor and build folders are passed over. \
      Exits with 2 where something is broken, and with 3 where the audit could not see enough to say.
      """)
  @Argument(help: ArgumentHelp("Files and folders; - is standard input.", valueName: "path")) var paths: [String] = []
  @Option(help: ArgumentHelp("Pass a file or folder over; may be repeated.", valueName: "path")) var exclude: [String] =
    []
  @Option(name: .customLong("as"), help: ArgumentHelp("What the named files are, whatever they are called."))
  var kind: FormatWord?
  @Option(help: "How findings are written.") var format: AuditStyle = .text
  @Option(help: "The least severity that ends with 2.") var failOn: AuditVerdict.Threshold = .critical
  @Option(help: ArgumentHelp("Accept a rule's findings, and say why; may be repeated.", valueName: "rule=reason"))
  var ignore: [NameAndValue] = []
  @Option(help: ArgumentHelp("A value that must be there, such as max_size=50.", valueName: "name=value"))
  var expect: [NameAndValue] = []
  @Flag(help: "Print all rules and their reasons, and end.") var rules = false
  @Option(help: ArgumentHelp("Print one rule and its reason, and end.", valueName: "rule")) var explain: String?
  @OptionGroup(title: "WHAT THE FILES DO NOT SAY") var facts: AuditFacts
  @OptionGroup(title: "WHAT RUNS") var live: AuditLive
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if options.json, format != .text, format != .json {
      throw ValidationError("Give '--json' or '--format \(format.rawValue)', not both.")
    }
    if paths.contains("-"), kind == nil {
      throw ValidationError("Standard input has no name to know its format by: give '--as'.")
    }
    for suppression in ignore where !suppression.value.contains(where: \.isLetter) {
      throw ValidationError("'--ignore \(suppression.name)=...' needs the reason.")
    }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    if rules || explain != nil { return try showRules(world) }
    let suppressions = try ignore.map { item throws(Failure) in
      Suppression(rule: try Self.rule(item.name).id, reason: item.value)
    }
    let directory = options.directory.map { absolute($0, world) } ?? world.directory
    guard !paths.isEmpty || live.live || live.server != nil || live.pgbouncer != nil else {
      throw Failure(.usage, "nothing is named", hint: "Name files or folders ('poolops audit .'), or give --live.")
    }
    var look = try AuditLook(paths, excluding: exclude, as: kind, in: directory)
    let running = try LiveAudit(live, look.files, world)
    let report = try report(&look, running, suppressions)
    world.output(text(report, look, directory, world))
    return report.verdict.status
  }

  private func report(
    _ look: inout AuditLook, _ running: LiveAudit?, _ suppressions: [Suppression]
  ) throws(Failure) -> AuditReport {
    let drift = LiveDrift.findings(
      servers: look.files.flatMap(\.servers), live: running?.server, poolers: look.files.flatMap(\.poolers),
      livePooler: running?.pooler)
    if let running { look.replace(with: running.files) }
    let result = Audit.run(files: look.files, options: try facts.options())
    let expected = expect.map { ExpectedValue($0.name, $0.value) }.map { ($0, $0.sightings(in: result.landscape)) }
    let sorted = SortedFindings(
      result.findings + drift + expected.flatMap { $0.findings($1) },
      directives: look.files.flatMap(\.directives), everywhere: suppressions, rules: AuditRules.documented)
    let missing = look.skipped.filter(\.isMissing).map { AuditVerdict.Gap("\($0.path) was not read: \($0.reason)") }
    let verdict = AuditVerdict(
      sorted.standing, gaps: missing + AuditVerdict.Gap.all(result.landscape), failOn: failOn)
    var report = AuditReport(sorted, verdict, rules: AuditRules.documented)
    report.budgets = result.budgets
    report.remarks = look.files.flatMap(\.remarks) + result.landscape.remarks
    report.read = look.read
    report.notRead = look.skipped.map { .init($0.path, $0.reason) }
    report.expectations = expected.flatMap(AuditReport.Expectation.all)
    report.live = running?.report(result.landscape.servers.first { $0.place?.file == "live:pg_settings" }?.usable)
    return report
  }

  private func text(_ report: AuditReport, _ look: AuditLook, _ directory: String, _ world: World) -> String {
    switch options.json ? .json : format {
    case .text: report.text(world.style, isQuiet: options.quiet)
    case .json: report.json.text
    case .sarif: report.sarif(version: Poolops.version, directory: directory, line: look.line).text
    case .github: report.annotations(directory: directory)
    case .markdown: report.markdown
    }
  }

  // MARK: - The rules

  private func showRules(_ world: World) throws(Failure) -> ExitStatus {
    let chosen = try explain.map { word throws(Failure) in [try Self.rule(word)] } ?? AuditRules.documented
    let report = RulesReport(chosen)
    switch options.json ? .json : format {
    case .json: world.output(report.json.text)
    case .markdown: world.output(report.markdown)
    default: world.output(report.text(world.style))
    }
    return .go
  }

  private static func rule(_ word: String) throws(Failure) -> AuditRule {
    let known = AuditRules.documented
    if let rule = known.first(where: { $0.id == word }) { return rule }
    let hint = nearest(to: word.lowercased(), in: known.map(\.id)).map { "Did you mean '\($0)'?" }
    throw Failure(.usage, "no rule '\(word)'", hint: hint ?? "Known: \(known.map(\.id).joined(separator: ", ")).")
  }
}

extension AuditReport.Expectation {
  /// One for each place where the setting counts; one without a place where nothing says anything.
  static func all(_ value: ExpectedValue, _ sightings: [ExpectedValue.Sighting]) -> [AuditReport.Expectation] {
    guard !sightings.isEmpty else { return [.init(value.text, found: "written nowhere", at: nil)] }
    return sightings.map { .init(value.text, found: $0.isExpected ? nil : $0.found, at: $0.place) }
  }
}

import Arguments
import Evidence
import Model
import Report
import Store

/// What alerts are about, and what their numbers are taken from.
struct AlertOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A source that the team's Prometheus scrapes, such as hikaricp-micrometer; repeatable (default: all).",
      valueName: "name"))
  var source: [String] = []

  @Option(
    help: ArgumentHelp("How long a request waits for a connection (default: the pool's own).", valueName: "duration"))
  var acquireTimeout: Duration?

  @Option(
    help: ArgumentHelp("How often Prometheus scrapes and evaluates (default: 15s).", valueName: "duration"))
  var scrapeInterval: Duration?

  @Option(
    help: ArgumentHelp("Take the acquire timeout and the pool's size from its newest execution.", valueName: "name"))
  var experiment: String?

  @Option(
    name: .customLong("runbook-url"),
    help: ArgumentHelp("Where the runbook can be read; the section is added for one in runbooks/.", valueName: "url"))
  var runbookURL: String?

  @Option(help: ArgumentHelp("The version of Prometheus (default: 2.42).", valueName: "version"))
  var prometheus: VersionWord?

  init() {}

  static let known = "Sources: \(AlertSource.all.map(\.id).joined(separator: ", "))."
  /// The first version that knows `keep_firing_for`.
  private static let keepsFiring = [2, 42]
  private static let timeouts = Duration.milliseconds(100)...Duration.seconds(3600)
  private static let intervals = Duration.milliseconds(100)...Duration.seconds(600)

  func validate() throws {
    for (option, value, range) in [
      ("--acquire-timeout", acquireTimeout, Self.timeouts), ("--scrape-interval", scrapeInterval, Self.intervals),
    ] {
      guard let value, !range.contains(value) else { continue }
      throw ValidationError(
        "The value '\(value.text)' is invalid for '\(option)'. Give from \(range.lowerBound.text) to \(range.upperBound.text)."
      )
    }
    guard let runbookURL, !Self.isAddress(runbookURL) else { return }
    throw ValidationError(
      "The value for '--runbook-url' is no address that alerts can link to. Give an http:// or https:// address without a user, "
        + "password, blanks or '{{'.")
  }

  /// Everybody who gets an alert sees the link, and Prometheus expands what stands in braces.
  private static func isAddress(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return false }
    let host = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F } && !text.contains("{{")
    return isPlain && !host.isEmpty && !host.contains("@")
  }

  func sources() throws(Failure) -> [AlertSource] {
    for word in source where AlertSource.named(word) == nil {
      let ids = AlertSource.all.map(\.id)
      let hint = nearest(to: word.lowercased(), in: ids).map { "Did you mean '\($0)'?" }
      throw Failure(.usage, "no source '\(word)'", hint: hint ?? "Known: \(ids.joined(separator: ", ")).")
    }
    return source.isEmpty ? AlertSource.all : AlertSource.all.filter { source.contains($0.id) }
  }

  func plan(_ project: Project) throws(Failure) -> AlertPlan {
    var plan = AlertPlan()
    if let experiment { try Self.take(experiment, project, into: &plan) }
    if let acquireTimeout { plan.timeout = .init(acquireTimeout, origin: "given by --acquire-timeout") }
    if let scrapeInterval { plan.interval = scrapeInterval }
    plan.proofs = try Self.proofs(project, scrapedEvery: plan.interval)
    plan.runbook = runbookURL
    plan.runbookSection = try runbookURL.flatMap { url throws(Failure) in try Self.section(url, project) }
    plan.keepsFiring = prometheus.map { !$0.numbers.lexicographicallyPrecedes(Self.keepsFiring) } ?? true
    return plan
  }

  /// From the newest judged ramp into exhaustion of each experiment; none where nothing was recorded yet.
  private static func proofs(_ project: Project, scrapedEvery interval: Duration) throws(Failure) -> [LeadProof] {
    guard let store = try ResultsStore.readingIfThere(project) else { return [] }
    let ramps = try store.ask { () throws(StoreError) in try store.executions(of: nil, kind: .exhaustion) }
    var seen: Set<String> = []
    var proofs: [LeadProof] = []
    for ramp in ramps where ramp.verdict != nil && seen.insert(ramp.id.experiment).inserted {
      guard let run = ramp.runs.first, let times = try store.lead(of: ramp) else { continue }
      proofs += LeadProof.all(of: times, run: run, scrapedEvery: interval)
    }
    return proofs
  }

  /// From the pool that the execution ended with: the changed one where that was found good.
  private static func take(_ name: String, _ project: Project, into plan: inout AlertPlan) throws(Failure) {
    let store = try ResultsStore.reading(project)
    let execution = try ExecutionNames(store, project, kinds: [.experiment, .exhaustion]).execution(name)
    guard let verdict = execution.verdict else {
      throw Failure(
        .inconclusive, "\(execution.id) ended without a verdict",
        hint: "Type 'poolops experiment run \(execution.id.experiment)' to measure it, or name another execution.")
    }
    let arm = execution.kind == .experiment && verdict.decision == .go ? Arm.retest : .baseline
    guard let run = try store.arms(of: execution)[arm]?.run else {
      throw Failure(.inconclusive, "\(execution.id) has no finished run of its \(arm.rawValue)")
    }
    plan.pool = .init(size: run.wanted.maxSize, run: run.id)
    plan.timeout = run.wanted.acquireTimeout.map { .init($0, origin: "\(run.id) of \(execution.id)") }
  }

  /// The section of what to do in the runbook of that name.
  private static func section(_ url: String, _ project: Project) throws(Failure) -> String? {
    let page = url.prefix { $0 != "#" && $0 != "?" }.split(separator: "/").last.map(String.init) ?? ""
    let names = try Files.names(in: project.runbooks, suffix: ".md")
    guard let name = [page, page + ".md"].first(where: names.contains) else { return nil }
    return RunbookSection.anchor(of: "trigger", in: try Files.read("\(project.runbooks)/\(name)"))
  }
}

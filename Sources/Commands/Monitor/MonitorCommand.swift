import Arguments
import EventLoop
import Exporter
import Model
import Monitor
import Probes

struct MonitorCommand: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Watch pools, servers and machines, and say when requests are about to get no connection.",
    discussion: """
        poolops monitor postgres=DATABASE_URL app=http://127.0.0.1:8080/pool
        poolops monitor pgbouncer=PGBOUNCER_URL pid=1234 node=http://db1:9100/metrics
        poolops monitor --experiment peak --for 10m --exit-on alert
        poolops monitor app=http://127.0.0.1:8080/pool --listen 9187

      DATABASE_URL and PGBOUNCER_URL are environment variables that hold URLs; where they are set they need not be named. \
      The console of a PgBouncer is its database 'pgbouncer'.

      On a terminal it draws a screen (q ends it), in a pipe lines. Exits with 0, with 2 where --exit-on says so, and \
      with --format nagios as plugins do: 0, 1, 2 or 3.
      """)
  @Argument(
    help: ArgumentHelp(
      "What to watch: KIND=WHERE, of the kinds \(SourceWords.kinds.joined(separator: ", ")).", valueName: "source"))
  var sources: [String] = []
  @OptionGroup var watching: MonitorOptions
  @OptionGroup var alerts: MonitorAlerts
  @OptionGroup var serving: ListenOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if options.json, watching.format == .nagios {
      throw ValidationError("Give '--json' or '--format nagios', not both.")
    }
    if serving.listen != nil, let word = watching.once ? "--once" : watching.format == .nagios ? "--format nagios" : nil
    {
      throw ValidationError("'--listen' serves until somebody ends it: leave out '\(word)'.")
    }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let sources = try named(world)
    let listeners = try listeners(world)
    let watch: Watch
    do throws(SystemError) { watch = try Watch(sources, watching.settings) } catch {
      throw Failure(.unexpected, "nothing can be watched: \(error)")
    }
    defer { watch.stop() }
    let server = try MonitorPages.serve(watch, serving, world)
    defer { server?.stop() }
    if let server, !options.quiet { world.note("Metrics at http://\(server.address.text)/metrics") }
    Signals.install()
    return MonitorLoop(watch, watching, face(world, serving: server?.address.text), listeners).run()
  }

  private func named(_ world: World) throws(Failure) -> [WatchedSource] {
    let words = SourceWords(world: world, tokenVariable: watching.tokenVariable)
    guard let name = watching.experiment else { return try words.sources(self.sources) }
    let project = try Project(world, options)
    let found = try ExperimentSources(project, world).sources(of: name)
    let more = self.sources.isEmpty ? [] : try words.sources(self.sources)
    return found + more.filter { source in !found.contains { $0.name == source.name } }
  }

  private func listeners(_ world: World) throws(Failure) -> [any MonitorListener] {
    let words = SourceWords(world: world, tokenVariable: nil)
    var destinations: [any AlertDestination] = []
    if let webhook = alerts.webhook {
      let (url, name) = try words.url(webhook)
      destinations.append(Webhook(url: url, name: "the webhook \(name.prefix { $0 != "/" })"))
    }
    if let alertmanager = alerts.alertmanager {
      let (url, name) = try words.url(alertmanager)
      destinations.append(Alertmanager(base: url, name: "the Alertmanager \(name)"))
    }
    // A screen has no room for messages beside it; what is kept is told at the end.
    let notes = Notes(world, isHeld: isScreen(world))
    var listeners: [any MonitorListener] = []
    do throws(SystemError) {
      for destination in destinations { listeners.append(try AlertDelivery(destination) { notes.say($0) }) }
    } catch { throw Failure(.unexpected, "no alert can be sent: \(error)") }
    if watching.record {
      let project = try Project(world, options)
      listeners.append(try MonitorRecorder(project, watching, started: world.now()) { notes.say($0) })
    }
    if !listeners.isEmpty { listeners.append(notes) }
    return listeners
  }

  private func isScreen(_ world: World) -> Bool {
    !options.json && watching.format == .text && !watching.once && world.wantsColour(onTerminal: world.outputIsTerminal)
  }

  private func face(_ world: World, serving: String?) -> any MonitorFace {
    if watching.format == .nagios { return NagiosFace(world) }
    if options.json { return JSONFace(world, once: watching.once) }
    if isScreen(world) { return ScreenFace(world, serving: serving) }
    return LineFace(world, once: watching.once, quiet: options.quiet)
  }
}

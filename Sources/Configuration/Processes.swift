/// How many processes a program is started as, each with pools of its own: from its command line or the variables that
/// it reads. Only what is certain is said: a number that a file of settings or the count of CPUs decides is nil.
package enum Processes {
  /// - Parameters:
  ///   - command: in words; empty when the image's own is run, which may be any program.
  ///   - place: of the command.
  ///   - settings: the environment, later ones win.
  package static func count(command: [String], at place: Place, settings: [Written]) -> Counted? {
    let words = ShellWords.ofProgram(command)
    guard !words.isEmpty else { return ofVariables(variables[...], settings) }
    for (index, word) in words.enumerated() {
      guard let program = programs[ShellWords.fileName(word)] else { continue }
      let arguments = words[(index + 1)...].prefix { !separators.contains($0) }
      return program.count(Array(arguments), at: place, settings)
    }
    return nil
  }

  private static let separators: Set<String> = [";", "&", "|", "&&", "||"]

  /// What the words of a shell make of a value: `$NAME`, `${NAME}` and `${NAME:-4}`.
  static func number(_ text: String, _ settings: [Written]) -> Int? {
    guard text.hasPrefix("$") else { return bounded(text) }
    var name = text.dropFirst()
    if name.hasPrefix("{"), name.hasSuffix("}") { name = name.dropFirst().dropLast() }
    let end = name.firstIndex { !($0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_") } ?? name.endIndex
    let rest = name[end...].drop { $0 == ":" }
    if let setting = settings.last(where: { $0.name == name[..<end] }) { return bounded(setting.text) }
    return rest.hasPrefix("-") ? bounded(String(rest.dropFirst())) : nil
  }

  private static func bounded(_ text: String) -> Int? {
    Int(text).flatMap { (0...100_000).contains($0) ? $0 : nil }
  }

  fileprivate static func ofVariables(_ variables: ArraySlice<Variable>, _ settings: [Written]) -> Counted? {
    for variable in variables {
      guard let setting = settings.last(where: { $0.name == variable.name }) else { continue }
      guard let program = variable.arguments else {
        return number(setting.text, settings).map { Counted(max($0, 1), at: setting.place) }
      }
      let words = ShellWords.split(setting.text)
      if let count = program.written(words, settings) { return count.map { Counted($0, at: setting.place) } }
    }
    return nil
  }

  /// A variable that holds the number, or arguments of a program.
  struct Variable: Sendable {
    var name: String
    var arguments: Program?
  }

  struct Program: Sendable {
    /// `-w`, `--workers`.
    var options: [String]
    /// In the order in which they count.
    var variables: [Variable] = []
    /// Options with which the number is decided elsewhere, unless it is written.
    var elsewhere: [String] = []
    /// Options with which there is one process, whatever else is written.
    var single: [String] = []
    /// A word that must be there: `celery worker`, and not `celery beat`.
    var requires: String?
    var isZeroEachCPU = false

    func count(_ arguments: [String], at place: Place, _ settings: [Written]) -> Counted? {
      if let requires, !arguments.contains(requires) { return nil }
      if isSingle(arguments) { return Counted(1, at: place) }
      if let count = written(arguments, settings) { return count.map { Counted($0, at: place) } }
      let isElsewhere = arguments.contains { isOption($0, elsewhere) }
      // Arguments in a variable win over a file of settings, a number in one does not.
      return Processes.ofVariables(variables.filter { !isElsewhere || $0.arguments != nil }[...], settings)
    }

    /// The outer nil: not written. The inner: written, and not a number that is known.
    func written(_ arguments: [String], _ settings: [Written]) -> Int?? {
      var found: Int?? = nil
      for (index, word) in arguments.enumerated() {
        guard let text = value(word, arguments.dropFirst(index + 1).first) else { continue }
        found = .some(Processes.number(text, settings).flatMap(processes))
      }
      return found
    }

    private func value(_ word: String, _ next: String?) -> String? {
      for option in options {
        if word == option { return next ?? "" }
        if option.hasPrefix("--"), word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
        let isJoined = !option.hasPrefix("--") && word.hasPrefix(option)
        if isJoined, word.dropFirst(option.count).allSatisfy(\.isNumber) { return String(word.dropFirst(option.count)) }
      }
      return nil
    }

    /// No process of its own means that the first process does the work, where it does not mean one for each CPU.
    private func processes(_ number: Int) -> Int? {
      number > 0 ? number : isZeroEachCPU ? nil : 1
    }

    private func isSingle(_ arguments: [String]) -> Bool {
      zip(arguments, arguments.dropFirst() + [""]).contains { single.contains($0) || single.contains("\($0) \($1)") }
    }

    private func isOption(_ word: String, _ names: [String]) -> Bool {
      names.contains { word == $0 || word.hasPrefix($0 + "=") }
    }
  }

  private static let gunicornArguments = Program(options: ["-w", "--workers"])
  private static let concurrency = Variable(name: "WEB_CONCURRENCY")

  /// Without a command line the image's own program is one of those that read these.
  private static let variables = [
    Variable(name: "GUNICORN_CMD_ARGS", arguments: gunicornArguments), Variable(name: "UVICORN_WORKERS"), concurrency,
    Variable(name: "GRANIAN_WORKERS"), Variable(name: "UWSGI_PROCESSES"), Variable(name: "UWSGI_WORKERS"),
  ]

  /// By the name of the file that is run. Sources: each program's own manual of its command line and environment.
  private static let programs: [String: Program] = [
    // Precedence by gunicorn's manual: command line, GUNICORN_CMD_ARGS, settings file, WEB_CONCURRENCY.
    "gunicorn": Program(
      options: ["-w", "--workers"],
      variables: [Variable(name: "GUNICORN_CMD_ARGS", arguments: gunicornArguments), concurrency],
      elsewhere: ["-c", "--config"]),
    // With --reload uvicorn does not heed the number of workers.
    "uvicorn": Program(
      options: ["--workers"], variables: [Variable(name: "UVICORN_WORKERS"), concurrency], single: ["--reload"]),
    "fastapi": Program(options: ["--workers"], variables: [concurrency], requires: "run"),
    "hypercorn": Program(options: ["-w", "--workers"]),
    "granian": Program(options: ["--workers"], variables: [Variable(name: "GRANIAN_WORKERS")]),
    "uwsgi": Program(
      options: ["-p", "--processes", "--workers"],
      variables: [Variable(name: "UWSGI_PROCESSES"), Variable(name: "UWSGI_WORKERS")],
      elsewhere: ["--ini", "--yaml", "--json", "--xml"]),
    "puma": Program(options: ["-w", "--workers"], variables: [concurrency]),
    "pm2": Program(options: ["-i", "--instances"], isZeroEachCPU: true),
    "pm2-runtime": Program(options: ["-i", "--instances"], isZeroEachCPU: true),
    // The children of a prefork worker hold the connections; threads and green threads share one process.
    "celery": Program(
      options: ["-c", "--concurrency"], elsewhere: ["--autoscale"], single: celerySingle, requires: "worker",
      isZeroEachCPU: true),
    "dramatiq": Program(options: ["-p", "--processes"]),
  ]

  private static let celerySingle = ["threads", "gevent", "eventlet", "solo"].flatMap {
    ["--pool=" + $0, "--pool " + $0, "-P" + $0, "-P " + $0]
  }
}

import Model
import Postgres

/// What went wrong with staging, as facts; `description` makes the one sentence of them. Holds no secret.
package struct StagingError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    /// PostgreSQL's server programs are not installed, or `setpriv` is missing.
    case missingProgram = "missing_program"
    /// A cluster setting of the experiment that the server refuses.
    case badSetting = "bad_setting"
    /// A cluster setting that poolops itself needs.
    case reservedSetting = "reserved_setting"
    case badScale = "bad_scale"
    case initFailed = "init_failed"
    case startFailed = "start_failed"
    case stopFailed = "stop_failed"
    case diskFull = "disk_full"
    case notWritable = "not_writable"
    /// The folder for the cluster exists but belongs to somebody else.
    case unsafeFolder = "unsafe_folder"
    /// Another process works with this staging.
    case locked
    /// The database does not carry the staging mark.
    case notStaging = "not_staging"
    /// An environment variable that should hold a URL is unset or holds none.
    case badURL = "bad_url"
    case unreachable
    /// The server refused the role or its password, or has no such database.
    case refused
    /// The server answered with an error.
    case database
    /// A value in the env file that the pool does not take.
    case badValue = "bad_value"
    /// A setting that the env file cannot express.
    case inexpressible
    /// Another value than the wanted one works in the target.
    case notInForce = "not_in_force"
    /// The app does not answer, or not as a healthy one does; `setting` says with which values, once it was restarted.
    case appDown = "app_down"
    /// The app takes connections, and does not answer.
    case appHangs = "app_hangs"
    /// The answer does not have the value at the place where it was looked for.
    case unreadable
    /// A program of the target ended with another status than 0.
    case commandFailed = "command_failed"
    /// A program of the target did not end in its time, and was killed.
    case commandHangs = "command_hangs"
    /// poolops's role may not do what the target needs.
    case missingRight = "missing_right"
    /// The target or the staging database is listed as production.
    case production
    /// A file that a reload reads has a fault, or says something else than what is in force.
    case badFile = "bad_file"
    /// A reload changed more than what was wanted; the file was put back.
    case reloadChangedMore = "reload_changed_more"
    /// The setting takes effect with a restart, and no restart was given.
    case needsRestart = "needs_restart"
    /// Something nearer to the sessions sets the value too, so that the change would not work.
    case overridden
    /// Two targets of an experiment are the same place.
    case namedTwice = "named_twice"
    /// A system call failed for a reason without a code of its own.
    case system
  }

  package var code: Code
  /// The kind of target or place: `builtin`, `embedded`, or the name of an environment variable.
  package var target: String?
  package var setting: String?
  package var wanted: String?
  package var found: String?
  package var path: String?
  package var line: Int?
  package var pid: Int32?
  /// What the server or the system said.
  package var reason: String?

  package init(
    _ code: Code, target: String? = nil, setting: String? = nil, wanted: String? = nil, found: String? = nil,
    path: String? = nil, line: Int? = nil, pid: Int32? = nil, reason: String? = nil
  ) {
    self.code = code
    self.target = target
    self.setting = setting
    self.wanted = wanted
    self.found = found
    self.path = path
    self.line = line
    self.pid = pid
    self.reason = reason
  }

  /// The code that the process exits with when nothing has been changed yet.
  package var status: ExitStatus {
    switch code {
    case .locked: .locked
    case .unreachable, .database, .startFailed, .stopFailed, .initFailed, .diskFull, .notWritable, .missingProgram,
      .appDown, .appHangs, .commandFailed, .commandHangs:
      .unreachable
    case .refused, .badSetting, .reservedSetting, .badScale, .notStaging, .badURL, .badValue, .inexpressible,
      .unsafeFolder, .unreadable, .missingRight, .production, .badFile, .needsRestart, .overridden,
      .namedTwice:
      .badConfiguration
    case .notInForce, .reloadChangedMore: .noGo
    case .system: .unexpected
    }
  }

  package var description: String { because(sentence) }

  private var place: String {
    guard let path else { return target ?? "staging" }
    return line.map { "\(path):\($0)" } ?? path
  }

  /// A console is named as what it is.
  private var server: String { place.hasPrefix("PgBouncer") ? place : "PostgreSQL at \(place)" }

  private var sentence: String {
    switch code {
    case .missingProgram where target != nil:
      return "\(place): '\(wanted ?? "")' cannot be started: there is no such program, or it may not be executed"
    case .missingProgram: return "'\(wanted ?? "postgres")' is not installed"
    case .badSetting: return "PostgreSQL does not take the cluster setting \(name) = '\(found ?? "")'"
    case .reservedSetting:
      return "the cluster setting \(name) is poolops's own; leave it out of staging.embedded.settings"
    case .badScale: return "the dataset scale \(found ?? "") cannot be made; it must be \(wanted ?? "")"
    case .initFailed: return "the embedded PostgreSQL could not be made in \(place)"
    case .startFailed: return "the embedded PostgreSQL did not start in \(place)"
    case .stopFailed: return "the embedded PostgreSQL\(process) in \(place) could not be stopped"
    case .diskFull:
      return "the disk is full at \(place)" + (wanted.map { ": \($0) needed, \(found ?? "less") free" } ?? "")
    case .notWritable: return "\(place) cannot be written"
    case .unsafeFolder: return "\(place) exists and is not poolops's own folder"
    case .locked: return "another poolops\(process) is working with \(target ?? "this staging")"
    case .notStaging: return "the database '\(found ?? "")' of \(place) does not say that it is staging"
    case .badURL: return "the environment variable \(place) holds no PostgreSQL URL"
    case .unreachable: return "\(server) cannot be reached"
    case .refused: return "\(server) lets nobody in with these credentials"
    case .database: return "\(server) refused a statement"
    case .badValue where found == nil: return "\(place): \(name) is not there"
    case .badValue: return "\(place): \(name) is '\(found ?? "")'; accepted is \(wanted ?? "")"
    case .inexpressible: return "\(name) = \(found ?? "") cannot be written to \(place); accepted is \(wanted ?? "")"
    case .system: return "\(place): \(wanted ?? "a system call") failed"
    default: return targetSentence
    }
  }

  /// What went wrong with a target of the change.
  private var targetSentence: String {
    let target = target ?? "the target"
    switch code {
    case .notInForce:
      let source = path.map { ", as \($0) says" } ?? ""
      return "\(target): \(name) is \(found ?? "something else")\(source); \(wanted ?? "another value") was wanted"
    case .appDown:
      return "\(target): the app \(setting.map { "did not come up with \($0)" } ?? "is down"): \(found ?? "")"
    case .appHangs: return "\(target): the app\(setting.map { " came up with \($0) and" } ?? "") hangs: \(found ?? "")"
    case .unreadable: return "\(target): \(path ?? "the answer") has no \(name) at '\(wanted ?? "")'"
    case .commandFailed: return "\(target): '\(path ?? "the command")' ended with status \(found ?? "?")"
    case .commandHangs:
      return "\(target): '\(path ?? "the command")' did not end within \(wanted ?? "its time"); it was killed"
    case .missingRight:
      return "\(target): \(found.map { "the role '\($0)'" } ?? "poolops's role") may not change \(name)"
    case .production:
      return "\(target) is production: '\(found ?? "")' is listed as such\(path.map { " in \($0)" } ?? "")"
    case .badFile: return "\(place) is not as it should be for a reload of \(target)"
    case .reloadChangedMore:
      return
        "\(target): the reload changed \(name) too, from \(wanted ?? "?") to \(found ?? "?"); the file was put back"
    case .needsRestart:
      return "\(target): \(name) takes effect with a restart, and the experiment gives no 'restart' command"
    case .overridden: return "\(target): \(name) is set nearer to the sessions too, by \(found ?? "something else")"
    case .namedTwice: return "two targets of the experiment are the same: '\(found ?? "")' at \(target)"
    default: return "\(target): \(code.rawValue)"
    }
  }

  private var name: String { setting ?? "a setting" }
  private var process: String { pid.map { " (process \($0))" } ?? "" }
  private func because(_ text: String) -> String { reason.map { "\(text): \($0)" } ?? text }

  /// What to type next; nil when the sentence says it all.
  package var hint: String? {
    switch code {
    case .missingProgram where target == nil:
      "install it (Debian, Ubuntu: apt-get install \(wanted == "setpriv" ? "util-linux" : "postgresql"))"
    case .notStaging, .missingRight: wanted
    case .locked: "wait for it to end; poolops staging status shows what runs"
    case .diskFull: "free some space, or choose a smaller dataset_scale"
    case .appDown, .appHangs: "The app's own log should say why."
    default: nil
    }
  }

  package var failure: Failure { Failure(status, description, hint: hint) }
}

/// Runs `body` and words its fault for staging; `target` says which database.
func forStaging<R>(_ target: String, _ body: () throws(PostgresError) -> R) throws(StagingError) -> R {
  do throws(PostgresError) { return try body() } catch { throw StagingError(error, target: target) }
}

extension StagingError {
  /// A session's fault, seen from staging: `target` says which database.
  package init(_ error: PostgresError, target: String) {
    switch error.code {
    case .connect(.authentication), .connect(.noDatabase):
      self.init(.refused, target: target, reason: error.description)
    case .connect, .timeout, .serverGone: self.init(.unreachable, target: target, reason: error.description)
    case .sql(let state) where state.hasPrefix("57P") || state.hasPrefix("08"):
      self.init(.unreachable, target: target, reason: error.description)
    case .sql("53100"): self.init(.diskFull, target: target, reason: error.message)
    case .sql: self.init(.database, target: target, reason: error.description)
    }
  }
}

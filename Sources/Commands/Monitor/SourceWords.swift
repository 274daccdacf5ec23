import HTTP
import Model
import Monitor
import Postgres
import Probes

/// Reads what a person wants watched: `postgres=DATABASE_URL app=http://127.0.0.1:8080/pool pid=1234`.
///
/// A secret never stands on the command line, where every process can read it: it comes from an environment variable.
struct SourceWords {
  /// Names are those of environment variables, or what is public of an address.
  let world: World
  /// The environment variable with a bearer token for apps.
  let tokenVariable: String?

  static let kinds = ["postgres", "pgbouncer", "app", "pid", "pidfile", "node"]
  static let accepted = """
    Name sources such as postgres=DATABASE_URL, pgbouncer=PGBOUNCER_URL, app=http://127.0.0.1:8080/pool, pid=1234, \
    pidfile=/run/app.pid or node=http://db1:9100/metrics; DATABASE_URL stands for an environment variable.
    """

  /// All of them; where none is named, those of the usual variables.
  func sources(_ words: [String]) throws(Failure) -> [WatchedSource] {
    var sources: [WatchedSource] = []
    for word in words.isEmpty ? try standard() : words {
      let source = try source(word)
      guard !sources.contains(where: { $0.name == source.name }) else {
        throw Failure(.usage, "the source \(source.name) is named twice")
      }
      sources.append(source)
    }
    return sources
  }

  private func standard() throws(Failure) -> [String] {
    let known = [("postgres", "DATABASE_URL"), ("pgbouncer", "PGBOUNCER_URL")]
    let words = known.filter { !(world.variables[$0.1] ?? "").isEmpty }.map { "\($0.0)=\($0.1)" }
    guard words.isEmpty else { return words }
    throw Failure(.usage, "nothing is named that could be watched, and $DATABASE_URL is not set", hint: Self.accepted)
  }

  private func source(_ word: String) throws(Failure) -> WatchedSource {
    guard let (kind, value) = try parts(word) else { return try guessed(word) }
    guard !value.isEmpty else { throw Failure(.usage, "'\(kind)=' names nothing", hint: Self.accepted) }
    switch kind {
    case "postgres": return try postgres(value)
    case "pgbouncer": return try pgBouncer(value)
    case "app": return try app(value)
    case "node": return try node(value)
    case "pid":
      guard let pid = Int32(value), pid > 0 else { throw Failure(.usage, "'\(value)' is no number of a process") }
      return Self.process(.pid(pid), "pid \(pid)")
    default: return Self.process(.file(absolute(value, world)), value)
    }
  }

  /// nil for a word without a kind at its front, such as a URL with an `=` somewhere.
  private func parts(_ word: String) throws(Failure) -> (kind: String, value: String)? {
    guard let equals = word.firstIndex(of: "="), !word[..<equals].contains(":"), !word[..<equals].contains("/") else {
      return nil
    }
    let (kind, value) = (word[..<equals].lowercased(), String(word[word.index(after: equals)...]))
    if Self.kinds.contains(kind) { return (kind, value) }
    if ["postgresql", "pg"].contains(kind) { return ("postgres", value) }
    // The keyword of a conninfo may be what was typed, with its password behind it: only the kind is quoted.
    let guess = nearest(to: kind, in: Self.kinds).map { "; did you mean '\($0)'?" } ?? ""
    throw Failure(.usage, "'\(kind)' is no kind of source\(guess)", hint: Self.accepted)
  }

  /// What a tired person types.
  private func guessed(_ word: String) throws(Failure) -> WatchedSource {
    let lower = word.lowercased()
    if lower.hasPrefix("http://") || lower.hasPrefix("https://") { return try app(word) }
    if lower.hasPrefix("postgres://") || lower.hasPrefix("postgresql://") { return try postgres(word) }
    if let pid = Int32(word), pid > 0 { return Self.process(.pid(pid), "pid \(pid)") }
    if let value = world.variables[word], !value.isEmpty {
      let start = value.lowercased()
      if start.hasPrefix("http://") || start.hasPrefix("https://") { return try app(word) }
      let info = try info(word)
      return info["dbname"] == "pgbouncer" ? try pgBouncer(word) : try postgres(word)
    }
    throw Failure(.usage, "'\(withoutSecret(word))' names no source", hint: Self.accepted)
  }

  private func withoutSecret(_ word: String) -> String { word.contains("@") ? "***" : word }

  // MARK: - Kinds

  private func postgres(_ value: String) throws(Failure) -> WatchedSource {
    let info = try info(value)
    return WatchedSource(name: name(value, info), kind: .postgreSQL) { PostgreSQLSource(info) }
  }

  private func pgBouncer(_ value: String) throws(Failure) -> WatchedSource {
    let info = try info(value)
    return WatchedSource(name: name(value, info), kind: .pgBouncer) { PgBouncerSource(info) }
  }

  private func app(_ value: String) throws(Failure) -> WatchedSource {
    let (url, name) = try url(value)
    var token: String?
    if let tokenVariable {
      token = world.variables[tokenVariable]
      guard let token, !token.isEmpty else {
        throw Failure(.usage, "the environment variable \(tokenVariable), named by --token-env, is not set")
      }
    }
    return try Self.app(PoolEndpoint(url: url), name: name, token: token)
  }

  static func app(
    _ endpoint: PoolEndpoint, name: String, token: String?, timeout: AcquireTimeout = .notTold
  ) throws(Failure) -> WatchedSource {
    let pages = try pages(endpoint.caFile)
    return WatchedSource(name: name, kind: .app) {
      AppSource(endpoint, pages: pages, token: token, timeout: timeout)
    }
  }

  private func node(_ value: String) throws(Failure) -> WatchedSource {
    let (url, name) = try url(value)
    let pages = try Self.pages(nil)
    return WatchedSource(name: name, kind: .nodeExporter) { NodeExporterSource(url, pages: pages) }
  }

  static func process(_ which: ProcessSource.Which, _ name: String) -> WatchedSource {
    WatchedSource(name: name, kind: .processes) { ProcessSource(which) }
  }

  private static func pages(_ caFile: String?) throws(Failure) -> HTTPPages {
    do throws(PageFault) { return try HTTPPages(userAgent: "poolops/\(Poolops.version)", caFile: caFile) } catch {
      throw Failure(.unexpected, error.description)
    }
  }

  // MARK: - Addresses

  /// The name of a variable, or an address without a password.
  private func info(_ value: String) throws(Failure) -> ConnectionInfo {
    let isAddress = value.contains("://") || value.contains("=")
    let text = isAddress ? value : world.variables[value]
    guard let text, !text.isEmpty else {
      throw Failure(
        .usage, "the environment variable \(value) is not set",
        hint: "Give the name of a variable that holds a postgresql:// URL.")
    }
    let what = isAddress ? "what was given" : "the environment variable \(value)"
    let info: ConnectionInfo
    do throws(ConnectionInfoError) { info = try ConnectionInfo(parsing: text) } catch {
      // An address may hold a password where libpq's reason quotes from it.
      throw Failure(.usage, "\(what) is no PostgreSQL URL" + (isAddress ? "" : ": \(error.reason)"))
    }
    if isAddress, info.parameters.keys.contains(where: ConnectionInfo.secrets.contains) {
      throw Self.secretOnCommandLine
    }
    return info
  }

  static let secretOnCommandLine = Failure(
    .usage, "a URL with a password on the command line can be read by every process of this machine",
    hint: "Put it into an environment variable, and give the variable's name: postgres=DATABASE_URL.")

  private func name(_ value: String, _ info: ConnectionInfo) -> String {
    guard value.contains("://") || value.contains("=") else { return value }
    let host = info["host"] ?? info["hostaddr"] ?? "localhost"
    return "\(host):\(info["port"] ?? "5432")/\(info["dbname"] ?? info["user"] ?? "")"
  }

  /// The URL, and what is public of it. A variable may hold one with secrets.
  func url(_ value: String) throws(Failure) -> (url: String, name: String) {
    guard !value.contains("://") else {
      let rest = value[(value.firstRange(of: "://")?.upperBound ?? value.startIndex)...]
      let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      if value.contains("@") { throw Self.secretOnCommandLine }
      guard value.lowercased().hasPrefix("http"), !authority.isEmpty else {
        throw Failure(.usage, "'\(value)' is no URL that begins with http:// or https://")
      }
      return (value, String(rest.prefix { $0 != "?" && $0 != "#" }))
    }
    guard let url = world.variables[value], !url.isEmpty else {
      throw Failure(
        .usage, "'\(value)' is neither a URL nor an environment variable that is set", hint: Self.accepted)
    }
    guard ["http://", "https://"].contains(where: url.lowercased().hasPrefix) else {
      throw Failure(.usage, "the environment variable \(value) holds no URL that begins with http:// or https://")
    }
    return (url, value)
  }
}

/// What a change is applied to. One of an experiment's targets is the pool; it takes the neutral settings.
package enum TargetSpec: Hashable, Sendable {
  /// poolops's own pool, which reads an env file in staging at its start, as an app would.
  case builtin
  case app(AppTargetSpec)
  case pgBouncer(PgBouncerTargetSpec)
  case postgreSQL(PostgreSQLTargetSpec)
  case command(CommandTargetSpec)

  /// Its word in the journal; an experiment file says `pool: builtin` for the first.
  package var kind: String {
    switch self {
    case .builtin: "builtin"
    case .app: "app"
    case .pgBouncer: "pgbouncer"
    case .postgreSQL: "postgres"
    case .command: "command"
    }
  }
}

/// A target of an experiment, and what it is given.
package struct ExperimentTarget: Hashable, Sendable {
  package var spec: TargetSpec
  /// Values in the target's own names and words; nil: it is the pool, and takes the experiment's settings.
  package var own: OwnValues?
  package init(_ spec: TargetSpec, own: OwnValues? = nil) {
    self.spec = spec
    self.own = own
  }
  package var isPool: Bool { own == nil }
}

/// What a target that is not the pool holds under each arm. Both arms name the same settings.
package struct OwnValues: Hashable, Sendable {
  package var baseline: [String: String]
  package var change: [String: String]

  /// - Parameter change: laid over the baseline.
  package init(baseline: [String: String], change: [String: String]) {
    self.baseline = baseline
    self.change = baseline.merging(change) { $1 }
  }

  package var names: [String] { baseline.keys.sorted() }
  package func values(of arm: Arm) -> [String: String] { arm == .baseline ? baseline : change }
}

/// An app whose pool takes its settings from an env file when it starts.
package struct AppTargetSpec: Hashable, Sendable {
  /// Path from the project's folder.
  package var envFile: String
  /// The dialect that names and counts the variables: `asyncpg`, `prisma`; nil: `variables` name each.
  package var ecosystem: String?
  package var variables: [SettingKey: AppVariable]
  /// The variable that holds the database's URL: settings without a variable of their own are parameters of that URL.
  package var urlVariable: String?
  package var takesEffect: AppActivation
  package var health: HealthSpec?
  package var readBack: AppReadBack

  package init(
    envFile: String, ecosystem: String? = nil, variables: [SettingKey: AppVariable] = [:], urlVariable: String? = nil,
    takesEffect: AppActivation, health: HealthSpec? = nil, readBack: AppReadBack
  ) {
    self.envFile = envFile
    self.ecosystem = ecosystem
    self.variables = variables
    self.urlVariable = urlVariable
    self.takesEffect = takesEffect
    self.health = health
    self.readBack = readBack
  }
}

/// A variable of an app that holds one setting.
package struct AppVariable: Hashable, Sendable {
  package enum Unit: String, CaseIterable, Hashable, Sendable {
    /// Seconds, with a fraction where they need one.
    case seconds = "s"
    case milliseconds = "ms"
    /// A number with its unit: `30s`.
    case duration
  }
  package var name: String
  /// Of a duration; nil: as the ecosystem has it, else seconds.
  package var unit: Unit?
  /// A second variable that the app adds to this one, such as SQLAlchemy's overflow. It is set to 0.
  package var addend: String?
  package init(name: String, unit: Unit? = nil, addend: String? = nil) {
    self.name = name
    self.unit = unit
    self.addend = addend
  }
}

/// How an app takes on what its env file says.
package struct AppActivation: Hashable, Sendable {
  package enum Means: String, CaseIterable, Hashable, Sendable { case restart, reload }
  package var means: Means
  /// A program and its words, never a shell's line.
  package var command: [String]
  /// Longest time for the command, and then again for the app to be healthy.
  package var timeout: Duration
  package init(_ means: Means = .restart, _ command: [String], timeout: Duration = .seconds(60)) {
    self.means = means
    self.command = command
    self.timeout = timeout
  }
}

/// Where an app answers over HTTP.
package enum AppURL: Hashable, Sendable {
  case text(String)
  /// In this environment variable, since it holds a password.
  case environment(String)

  /// For people: nothing that is secret.
  package var shown: String {
    switch self {
    case .text(let url): url
    case .environment(let name): "the URL in \(name)"
    }
  }
}

package struct HealthSpec: Hashable, Sendable {
  package var url: AppURL
  /// Longest time from the end of the restart until the app answers as it should.
  package var timeout: Duration
  package var status: Int
  package init(url: AppURL, timeout: Duration = .seconds(30), status: Int = 200) {
    self.url = url
    self.timeout = timeout
    self.status = status
  }
}

/// Where the app tells which pool it runs with.
package enum AppReadBack: Hashable, Sendable {
  /// An endpoint, and the place of each setting in its answer; `max_size` is always among them.
  case endpoint(url: AppURL, places: [SettingKey: GaugePlace])
  /// It tells nothing: the most backends of this `application_name` that the server sees under load.
  case backends(applicationName: String)
}

/// A value in an answer over HTTP.
package enum GaugePlace: Hashable, Sendable {
  /// Keys and indices from the top, as in `pool.max` or `pools[0].size`.
  case json(String)
  /// A Prometheus sample: `hikaricp_connections_max{pool="main"}`.
  case metric(String)

  package var text: String {
    switch self {
    case .json(let place): place
    case .metric(let sample): sample
    }
  }
}

/// A PgBouncer, through its admin console.
package struct PgBouncerTargetSpec: Hashable, Sendable {
  package enum Method: String, CaseIterable, Hashable, Sendable {
    /// `SET` on the console: in memory alone, gone with a RELOAD or a restart.
    case set
    /// The file is edited, then `RELOAD`.
    case file
  }
  /// The environment variable that holds the console's URL.
  package var consoleVariable: String
  /// The database whose pools are looked at; nil: all.
  package var database: String?
  package var method: Method
  /// Path from the project's folder; with `file` only.
  package var ini: String?
  package init(consoleVariable: String, database: String? = nil, method: Method = .set, ini: String? = nil) {
    self.consoleVariable = consoleVariable
    self.database = database
    self.method = method
    self.ini = ini
  }
}

/// Settings of the server itself, by ALTER SYSTEM.
package struct PostgreSQLTargetSpec: Hashable, Sendable {
  /// The environment variable that holds the URL of a role that may change them; nil: the staging's own connection.
  package var urlVariable: String?
  /// Restarts the server, for settings that need it; nil: such a setting is refused.
  package var restart: [String]?
  package var timeout: Duration
  package init(urlVariable: String? = nil, restart: [String]? = nil, timeout: Duration = .seconds(60)) {
    self.urlVariable = urlVariable
    self.restart = restart
    self.timeout = timeout
  }
}

/// Whatever has programs that set, tell and put back its values.
package struct CommandTargetSpec: Hashable, Sendable {
  package var apply: [String]
  /// Prints `name=value` lines.
  package var readBack: [String]
  package var revert: [String]
  /// Longest time for each.
  package var timeout: Duration
  package init(apply: [String], readBack: [String], revert: [String], timeout: Duration = .seconds(60)) {
    self.apply = apply
    self.readBack = readBack
    self.revert = revert
    self.timeout = timeout
  }
}

/// What is production: poolops changes and loads nothing there, whatever it is told.
package struct ProductionList: Hashable, Sendable {
  /// Names or addresses of hosts, each perhaps with a port.
  package var hosts: [String]
  package var databases: [String]
  /// `system_identifier` of `pg_control_system()`: the same for a server and its replicas, for ever.
  package var systemIdentifiers: [String]
  package init(hosts: [String] = [], databases: [String] = [], systemIdentifiers: [String] = []) {
    self.hosts = hosts
    self.databases = databases
    self.systemIdentifiers = systemIdentifiers
  }
  package var isEmpty: Bool { self == ProductionList() }
}

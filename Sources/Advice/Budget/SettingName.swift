import Model

/// What the name of a setting says, where every kind of pool has the same names: `DB_POOL_MAX`,
/// `READ_DATABASE_IDLE_TIMEOUT_SECS`, `database.pool.max-size`.
struct SettingName: Hashable {
  enum Word: Hashable {
    case key(SettingKey)
    case other(PoolWord)
    /// Of opening a connection in some pools, of the wait for one in others.
    case connectionTimeout
  }

  var word: Word
  /// The unit that the name ends with: seconds of one step.
  var unit: Double?
  /// What tells one pool of an application from the others: `READ`; empty for the main one.
  var role: String
  /// It says that it is of a database: `DB_POOL_MAX`, not `POOL_MAX`.
  var isAnchored: Bool
  /// The part that says what it sets, in upper case without separators: `POOLMAX`.
  var tail: String

  init?(_ name: String) { self.init(words: Self.words(name), tails: Self.tails) }

  /// - Parameter tails: what the ends of names mean, in upper case without separators.
  init?(words: [String], tails: [String: Word]) {
    for unit in Self.unitsPossible(words) {
      let words = unit == nil ? words : words.dropLast()
      for start in words.indices {
        let tail = words[start...].joined()
        guard let word = tails[tail], let prefix = Prefix(words[..<start]) else { continue }
        guard prefix.isAnchored || Self.speaksOfPools(tail) else { continue }
        self.init(word: word, unit: unit, role: prefix.role, isAnchored: prefix.isAnchored, tail: tail)
        return
      }
    }
    return nil
  }

  init(word: Word, unit: Double?, role: String, isAnchored: Bool, tail: String) {
    self.word = word
    self.unit = unit
    self.role = role
    self.isAnchored = isAnchored
    self.tail = tail
  }

  private static func unitsPossible(_ words: [String]) -> [Double?] {
    guard words.count > 1, let last = words.last, let unit = units[last] else { return [nil] }
    return [nil, unit]
  }

  private static func speaksOfPools(_ tail: String) -> Bool { tail.contains("POOL") || tail.contains("CONN") }

  /// In upper case: `maximumPoolSize`, `maximum-pool-size` and `MAXIMUM_POOL_SIZE` are the same.
  static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasLower = false
    for character in name.utf8 {
      let isUpper = (65...90).contains(character)
      let isLower = (97...122).contains(character)
      let isDigit = (48...57).contains(character)
      if isUpper && wasLower || !(isUpper || isLower || isDigit) {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if isUpper || isLower || isDigit {
        word.unicodeScalars.append(Unicode.Scalar(isLower ? character - 32 : character))
      }
      wasLower = isLower
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  /// What stands before the part that says what is set.
  struct Prefix {
    var isAnchored = false
    var role = ""

    init?(_ words: ArraySlice<String>) {
      let anchor = words.lastIndex(where: anchors.contains)
      isAnchored = anchor != nil
      if words.contains(where: strangers.contains) { return nil }
      let behind = anchor.map { words[($0 + 1)...] } ?? words
      let ahead = anchor.map { words[..<$0] } ?? []
      guard behind.allSatisfy({ roles.contains($0) || $0 == "POOL" || anchors.contains($0) }) else { return nil }
      role = (ahead + behind).filter(roles.contains).joined(separator: "_")
    }
  }

  /// Words that say that a setting is of a database or its pool.
  static let anchors: Set<String> = [
    "DB", "DATABASE", "DATASOURCE", "POSTGRES", "POSTGRESQL", "PG", "PSQL", "SQL", "HIKARI", "HIKARICP", "SQLALCHEMY",
    "ASYNCPG", "PSYCOPG", "PSYCOPG2", "PRISMA", "SQLX", "PGX", "PGXPOOL",
  ]

  /// Words that tell an application's pools apart.
  static let roles: Set<String> = [
    "READ", "READER", "READONLY", "RO", "WRITE", "WRITER", "RW", "REPLICA", "SECONDARY", "ADMIN", "ANALYTICS",
    "REPORTING", "REPORTS", "AUDIT", "JOBS", "QUEUE", "WORKER", "AUTH",
  ]

  /// Words that say that a setting is of something else.
  private static let strangers: Set<String> = [
    "REDIS", "MYSQL", "MONGO", "MONGODB", "CACHE", "HTTP", "THREAD", "THREADS", "KAFKA", "RABBITMQ", "AMQP", "ELASTIC",
    "ELASTICSEARCH", "CELERY", "SMTP", "MAIL", "LDAP", "S3", "GRPC", "MSSQL", "ORACLE", "PGBOUNCER", "RATE",
  ]

  /// Seconds of one step.
  private static let units: [String: Double] = [
    "MS": 0.001, "MSEC": 0.001, "MSECS": 0.001, "MILLIS": 0.001, "MILLISECONDS": 0.001,
    "S": 1, "SEC": 1, "SECS": 1, "SECOND": 1, "SECONDS": 1,
    "MIN": 60, "MINS": 60, "MINUTE": 60, "MINUTES": 60, "HOUR": 3600, "HOURS": 3600,
  ]

  /// What the ends of names mean.
  static let tails: [String: Word] = {
    var tails: [String: Word] = [:]
    for (word, names) in spellings {
      for name in names { tails[name] = word }
    }
    return tails
  }()

  private static let spellings: [(Word, [String])] = [
    (
      .key(.maxSize),
      [
        "POOLMAX", "MAXPOOL", "POOLSIZE", "POOLMAXSIZE", "MAXPOOLSIZE", "MAXIMUMPOOLSIZE", "MAXCONNECTIONS", "MAXCONNS",
        "MAXCONN", "MAXSIZE", "CONNECTIONLIMIT", "CONNLIMIT", "POOLLIMIT", "MAXOPENCONNS", "MAXOPENCONNECTIONS",
        "POOLMAXCONNS", "POOLMAXCONNECTIONS", "MAXPOOLCONNECTIONS", "MAXIMUMCONNECTIONS", "POOL", "POOLCONNECTIONS",
      ]
    ),
    (
      .key(.minSize),
      [
        "POOLMIN", "MINPOOL", "POOLMINSIZE", "MINPOOLSIZE", "MINIMUMIDLE", "MINIDLE", "POOLMINIDLE", "MINCONNECTIONS",
        "MINCONNS", "MINCONN", "MINSIZE", "POOLMINCONNS", "POOLMINCONNECTIONS", "MINIMUMCONNECTIONS", "MAXIDLECONNS",
        "MAXIDLECONNECTIONS",
      ]
    ),
    (
      .key(.acquireTimeout),
      [
        "ACQUIRETIMEOUT", "POOLTIMEOUT", "POOLACQUIRETIMEOUT", "POOLWAITTIMEOUT", "CHECKOUTTIMEOUT",
        "POOLCHECKOUTTIMEOUT", "ACQUISITIONTIMEOUT", "CONNECTIONACQUIRETIMEOUT",
      ]
    ),
    (
      .key(.idleTimeout),
      [
        "IDLETIMEOUT", "POOLIDLETIMEOUT", "CONNECTIONIDLETIMEOUT", "MAXIDLETIME", "POOLMAXIDLETIME", "MAXCONNIDLETIME",
        "POOLMAXCONNIDLETIME", "CONNMAXIDLETIME", "MAXINACTIVECONNECTIONLIFETIME", "MAXIDLECONNECTIONLIFETIME",
      ]
    ),
    (
      .key(.maxLifetime),
      [
        "MAXLIFETIME", "POOLMAXLIFETIME", "MAXCONNLIFETIME", "POOLMAXCONNLIFETIME", "CONNMAXLIFETIME",
        "CONNECTIONMAXLIFETIME", "MAXCONNECTIONLIFETIME", "POOLRECYCLE", "RECYCLE", "MAXCONNECTIONAGE",
      ]
    ),
    (.key(.maxWaiting), ["MAXWAITING", "POOLMAXWAITING"]),
    (.key(.connectTimeout), ["CONNECTTIMEOUT"]),
    (
      .key(.statementCache),
      ["STATEMENTCACHESIZE", "STATEMENTCACHE", "STATEMENTCACHECAPACITY", "PREPAREDSTATEMENTCACHESIZE"]
    ),
    (.connectionTimeout, ["CONNECTIONTIMEOUT"]),
    (.other(.overflow), ["MAXOVERFLOW", "POOLMAXOVERFLOW", "POOLOVERFLOW"]),
    (.other(.statementTimeout), ["STATEMENTTIMEOUT", "QUERYTIMEOUT", "COMMANDTIMEOUT"]),
    (.other(.validationTimeout), ["VALIDATIONTIMEOUT"]),
    (.other(.statementLifetime), ["MAXCACHEDSTATEMENTLIFETIME"]),
    (.other(.getMode), ["GETMODE", "POOLGETMODE"]),
    (.other(.prepareThreshold), ["PREPARETHRESHOLD"]),
  ]
}

import Configuration

/// A reader under test, with what its inputs are made of.
struct FuzzedReader: Sendable {
  typealias Read = @Sendable ([UInt8], String, (String) -> [UInt8]?) -> ConfigurationFile

  var name: String
  var read: Read
  /// The folder of the corpus, and how its files end.
  var folder: String
  var ending: String
  /// Words of the format that are put in anywhere.
  var words: [String]
  /// Lines that hold a password, `%`: added to a sound file they must never show it.
  var secrets: [String]

  /// Every reader there is: a new one is one more element.
  static let all = [
    FuzzedReader(
      name: "env", read: EnvironmentFile.read, folder: "environment", ending: ".env",
      words: [
        "export ", "${A:-", "${A}", "$A", "}", "\"", "'", "\\", "=", "#", " #", "postgres://", "A=", "\"\"", ":?",
        "host=",
      ],
      secrets: [
        "Z_PASSWORD=%", "Z_TOKEN='%'", "Z_URL=postgres://u:%@h/d", "Z_SECRET=%\nZ=x${Z_SECRET}x",
        "Z=\"host=h password='%' dbname=d\"",
      ]),
    FuzzedReader(
      name: "connection string", read: ConnectionString.read, folder: "connection", ending: ".txt",
      words: [
        "postgres://", "jdbc:postgresql:", "@", ":", "/", "?", "&", "%2F", "%", "[", "]", ",", "host=", "port=", "'",
        "\\", "${A}", "password=",
      ],
      secrets: ["postgres://u:%@h/d", "host=h password='%'", "jdbc:postgresql://h/d?user=u&password=%"]),
    FuzzedReader(
      name: "pgbouncer.ini", read: PgBouncerIni.read, folder: "pgbouncer", ending: ".ini",
      words: [
        "[", "]", "[pgbouncer]", "[databases]", "[users]", "[peers]", "%include here.ini", "%include ", "''", "'", "=",
        ";", "#", "pool_size=", "* = ", "default_pool_size = ", "password='",
      ],
      secrets: [
        "[databases]\nz = host=h password=%", "[databases]\nz = host=h password='%' port=1",
        "[databases]\nz = host=h password='%",
      ]),
    FuzzedReader(
      name: "postgresql.conf", read: PostgreSQLConf.read, folder: "postgresql", ending: ".conf",
      words: [
        "include 'here.ini'", "include_if_exists '", "include_dir 'x'", "'", "''", "\\", "=", "#", "a.b = ", "1GB",
        "0x", ".5e", "max_connections = ",
      ],
      secrets: [
        "z.password = '%'", "primary_conninfo = 'host=h password=%'", "primary_conninfo = 'postgres://u:%@h/d'",
      ]),
    FuzzedReader(
      name: "properties", read: Properties.read, folder: "properties", ending: ".properties",
      words: [
        "${a:", "${", "}", "\\u00", "\\", "\\\n", "#---\n", "!---\n", ":", "=", "spring.profiles=x\n", "a=${b}\n", "\r",
      ],
      secrets: ["z.password=%", "z.secret=%\nz=x${z.secret}", "z=jdbc:postgresql://h/d?password=%"]),
    FuzzedReader(
      name: "TOML", read: TOMLFile.read, folder: "toml", ending: ".toml",
      words: [
        "[", "]", "[[", "]]", "{", "}", "\"\"\"", "'''", "\"", "'", "\\u", "\\", ".", "=", ",", "#",
        "[pools.a.users.0]\n", "[env]\n", "1979-05-27", "0x", "_", "inf",
      ],
      secrets: ["[zzz]\npassword = '%'", "[zzz]\nx = { token = \"%\" }", "[zzz]\nurl = '''postgres://u:%@h/d'''"]),
  ]
}

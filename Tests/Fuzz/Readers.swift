import Configuration
import Manifests

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
  var isYAML: Bool { folder.hasPrefix(Self.manifests) }

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
    FuzzedReader(
      name: "Compose", read: ComposeFile.read, folder: manifests + "compose", ending: ".yml",
      words: yaml + ["${A:-", "environment:\n", "replicas: ", "extends:\n", "env_file: x\n"],
      secrets: [
        "  zzz:\n    image: x\n    environment:\n      Z_PASSWORD: '%'",
        "  zzz:\n    image: x\n    environment:\n      - 'Z_URL=postgres://u:%@h/d'",
      ]),
    FuzzedReader(
      name: "Kubernetes", read: KubernetesManifest.read, folder: manifests + "kubernetes", ending: ".yaml",
      words: yaml + ["$(A)", "kind: Deployment\n", "replicas: ", "maxSurge: ", "valueFrom:\n"],
      secrets: [
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\ndata:\n  Z_PASSWORD: '%'",
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\ndata:\n  Z: 'postgres://u:%@h/d'",
      ]),
    FuzzedReader(
      name: "Spring YAML", read: SpringYAML.read, folder: manifests + "spring", ending: ".yml",
      words: yaml + ["${A:", "spring:\n", "on-profile: x\n"],
      secrets: ["---\nzzz:\n  password: '%'", "---\nzzz.url: 'jdbc:postgresql://h/d?password=%'"]),
  ]

  private static let manifests = "../../ManifestsTests/Fixtures/"
  private static let yaml = [
    ": ", "- ", "\n", "  ", "\n  ", "&a ", "*a", "<<: *a", "{", "}", "[", "]", "\"", "'", "|\n", "#", "---\n", "? ",
    "!!str ", "%YAML 9\n", "\t",
  ]
}

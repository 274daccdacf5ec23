import Configuration
import Testing

struct RedactionTests {
  @Test(arguments: [
    "PASSWORD", "PGPASSWORD", "DB_PASS", "dbPassword", "spring.datasource.password", "POSTGRES_PASSWD", "MYSQL_PWD",
    "API_KEY", "apiKey",
    "STRIPE_SECRET", "GITHUB_TOKEN", "token.value", "AWS_SECRET_ACCESS_KEY", "PRIVATE_KEY", "SESSION_SALT",
    "userlist.txt", "SECRET_KEY_BASE",
    "ssl_passphrase_command", "SLACK_WEBHOOK_URL", "BASIC_AUTH", "sslpassword", "PGBOUNCER_USERLIST",
  ]) func `names of secrets are known`(name: String) { #expect(Redaction.isSecret(name)) }

  @Test(arguments: [
    "DATABASE_URL", "DB_POOL_MAX", "password_encryption", "POSTGRES_PASSWORD_FILE", "auth_type", "auth_query",
    "auth_file", "passfile",
    "default_pool_size", "max_connections", "spring.datasource.hikari.maximum-pool-size", "KEYSPACE", "PUBLIC_KEY",
    "tls_key_file",
    "TOKENS_TTL", "", "...", "keepalives", "PASS_THROUGH",
  ]) func `other names are not hidden`(name: String) { #expect(!Redaction.isSecret(name)) }

  @Test(arguments: [
    ("postgres://u:p@h/db", "postgres://u:***@h/db"), ("postgres://u@h/db", "postgres://u@h/db"),
    ("postgres://h:5432/db?user=a@b", "postgres://h:5432/db?user=a@b"),
    ("postgres://u:p@h/db?user=a@b&password=x&y=z", "postgres://u:***@h/db?user=a@b&password=***&y=z"),
    ("postgres://u:p@s/s?w@h/db", "postgres://u:***@h/db"),
    ("psql postgres://u:p@h/db -c x", "psql postgres://u:***@h/db -c x"),
    ("https://KEY@sentry.io/1", "https://***@sentry.io/1"), ("redis://:p@h:1", "redis://:***@h:1"),
    ("u:p@h:5432/db", "u:***@h:5432/db"),
    ("host=h password=p dbname=d", "host=h password=*** dbname=d"),
    ("host=h password = 'p q' dbname=d", "host=h password = *** dbname=d"),
    ("host=h password='p\\'q r' dbname=d", "host=h password=*** dbname=d"),
    ("host=h password=p q dbname=d", "host=h password=*** dbname=d"),
    ("{\"password\": \"p\", \"x\": 1}", "{\"password\": ***, \"x\": 1}"),
    ("ALTER ROLE a PASSWORD 'p q' LOGIN", "ALTER ROLE a PASSWORD *** LOGIN"),
    ("PGPASSWORD=p psql", "PGPASSWORD=***"), ("--password=p", "--password=***"),
    ("plain text, 12:30, a=b", "plain text, 12:30, a=b"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc", "***"), ("", ""), ("password=", "password="), ("a@b", "a@b"),
  ]) func `passwords in a text are hidden, and no more`(text: String, shown: String) {
    #expect(Redaction.text(text) == shown)
  }

  @Test func `words after an option for a password are hidden`() {
    #expect(
      Redaction.command(["app", "--db-password", "p", "--workers", "4", "--token=t"]) == [
        "app", "--db-password", "***", "--workers", "4", "--token=***",
      ])
  }

  /// Passwords as people have them; every word of them says SESAME.
  static let passwords = [
    "SESAME", "SESAME@SESAME", "SESAME/SESAME", "SESAME?SESAME", "SESAME#SESAME", "SESAME:SESAME", "SESAME%SESAME",
    "SESAME$SESAME", "SESAME;SESAME", "SESAME,SESAME", "@SESAME", "SESAME[SESAME]",
  ]

  /// Files in which such a password stands, by the reader's name; `%` is the password.
  static let places: [(String, Reader, [String])] = [
    (
      "env", EnvironmentFile.read,
      [
        "PGPASSWORD=%", "A=1\nDB_PASSWORD=\"%\"", "export SECRET='%'\nB=${SECRET}\nC=\"x${SECRET}y\"",
        "DATABASE_URL=postgres://u:%@h/db", "URL=\"postgres://u:%@h:1/db?a=b\"",
        "URL='host=h password=% dbname=d'", "URL=\"host=h password='% %' dbname=d\"",
        "URL=jdbc:postgresql://h/d?user=u&password=%", "P_PASSWORD=%\nU=postgres://u:${P_PASSWORD}@h/d",
        "PASSWORD=\"%", "URL=\"postgres://u:%@h/d", "PASSWORD %", "DB_PASSWORD: %", "TOKEN='%' x",
        "JSON={\"password\":\"%\"}", "# poolops: password=%\nA=1", "A=1 # poolops: ignore x: password=%",
        "U=postgres://u:%@h/d\nV=$U\nW=x${U}x", "PASSWORD=a\nPASSWORD=%", "URL=postgres://u:% %@h/db",
      ]
    ),
    (
      "connection", ConnectionString.read,
      [
        "postgres://u:%@h/db", "host=h password='%'", "host=h password='%", "host=h password=% nonsense",
        "jdbc:postgresql://h/d?password=%", "redis://u:%@h", "postgres://u:%@h:99999/d", "postgres://u:%@[h/d",
        "prisma+postgres://x/?api_key=%",
      ]
    ),
    (
      "pgbouncer", PgBouncerIni.read,
      [
        "[databases]\na = host=h password=%", "[databases]\na = host=h password='% %'",
        "[databases]\na = host=h password='%", "[databases]\na = host=h password=% %",
        "[databases]\n* = host=h password=%",
        "[users]\nu = password=%", "[databases]\na = password=%\n[pgbouncer]\nauth_query = x",
        "[pgbouncer]\npassword = %", "[pgbouncer]\nadmin_password %",
        "[databases]\na = host=h connect_query='SET x; ALTER ROLE u PASSWORD ''%'''",
        "[databases]\na = host=postgres://u:%@h",
      ]
    ),
    (
      "postgresql", PostgreSQLConf.read,
      [
        "primary_conninfo = 'host=h password=%'", "primary_conninfo = 'host=h password=''% %'''", "my.password = '%'",
        "my.password = %", "my.password = '%", "password '%' '%'", "archive_command = 'PGPASSWORD=% x'",
        "primary_conninfo = 'postgres://u:%@h/d'",
      ]
    ),
    (
      "properties", Properties.read,
      [
        "spring.datasource.password=%", "spring.datasource.password %", "p\\u0061ssword=%",
        "url=jdbc:postgresql://h/d?password=%", "a.password=%\nb=${a.password}\nc=x${b}", "url=postgres://u:%@h/d",
        "password=\\\n  %", "b=${c:postgres://u:%@h/d}",
      ]
    ),
    (
      "toml", TOMLFile.read,
      [
        "password = '%'", "password = \"\"\"\n%\"\"\"", "[env]\nDB_PASSWORD = '%'", "a = { password = '%' }",
        "a = [{ token = '%' }]", "url = 'postgres://u:%@h/d'", "password = ['%', '%']", "a = ['--password', '%']",
        "password = '%", "password = %", "[pools.a]\nx = 1\n[pools.a.users.0]\npassword = '%'",
        "'postgres://u:%@h/d' = 1\n'postgres://u:%@h/d' = 1",
      ]
    ),
  ]

  @Test(arguments: places.map(\.0)) func `no password leaves a reader`(name: String) throws {
    let (_, reader, texts) = try #require(Self.places.first { $0.0 == name })
    for text in texts {
      for password in Self.passwords {
        let told = "\(read(reader, text.replacing("%", with: password)))"
        #expect(!told.contains("SESAME"), "\(text) with \(password): \(told)")
      }
    }
  }
}

import CPostgres
import Configuration
import Testing

struct ConnectionStringTests {
  /// What libpq makes of a connection string: its values by keyword; nil when it refuses.
  private func libpq(_ text: String) -> [String: String]? {
    guard let options = PQconninfoParse(text, nil) else { return nil }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var index = 0
    while let keyword = options[index].keyword {
      if let value = options[index].val { values[String(cString: keyword)] = String(cString: value) }
      index += 1
    }
    return values
  }

  static let corpus = [
    "postgres://", "postgresql://localhost", "postgresql://localhost:5433", "postgres://localhost/mydb",
    "postgresql://user@localhost", "postgresql://user:SESAME@localhost", "postgresql://user:@localhost/db",
    "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
    "postgresql://host1:123,host2:456/somedb?target_session_attrs=any&application_name=myapp",
    "postgresql:///mydb?host=localhost&port=5433", "postgresql://[2001:db8::1234]/database", "postgresql://[::1]:99/db",
    "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname", "postgresql://a%40b:SES%40AME@db.example.com:6000/x%20y",
    "postgresql://[::1/db", "postgresql://[]/db", "postgresql://[::1]x/db",
    "postgresql://h/d%zzb", "postgresql://h/d%00b", "postgresql://h/db?sslmode=%g1",
    "postgresql://u:SES%AAAME%@h/db", "postgresql://h:5432/db?user=me&password=SESAME", "postgresql://h1,h2,h3:5/db",
    "postgresql:///?service=x", "postgresql:///db?host=/tmp", "postgres://h/", "postgres://h?dbname=x",
    "postgres://@h/db", "postgres://:SESAME@h/db", "postgresql://h/db?sslmode=require&sslmode=disable",
    "postgres://u@h/a/b",
    "host=localhost port=5432 dbname=mydb connect_timeout=10", "host = db  dbname= x user =u", "dbname=x",
    "host='a b' dbname='it\\'s' password='SES\\\\AME'", "host=a\\ b dbname=x", "host=a,b port=1,2 dbname=x",
    "host=a,b,c port=5000 dbname=x", "host=db dbname", "host=db dbname='x", "host=db nonsense=1", "host=db dbname=''",
    "service=prod", "host=/tmp dbname=x port=5433", "hostaddr=10.0.0.1 dbname=x", "host=db password=SESAME passfile=/x",
    "host=db\ndbname=x\n", "host=db =x", "host='db'dbname=x",
  ]

  @Test(arguments: corpus) func `an address is what libpq makes of it`(text: String) throws {
    let reading = try #require(ConnectionString.read(text, at: Place("f", line: 1)))
    let real = libpq(text)
    guard let real else {
      #expect(reading.address == nil && !reading.remarks.isEmpty, "libpq refuses '\(text)'")
      return
    }
    let address = try #require(reading.address, "libpq accepts '\(text)'; \(reading.remarks)")
    let names = (real["host"] ?? real["hostaddr"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let ports = (real["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let hosts = names.enumerated().compactMap { index, name -> DatabaseAddress.Host? in
      if name.isEmpty || name.hasPrefix("/") { return nil }
      let port = ports.isEmpty ? "" : ports.count == 1 ? ports[0] : ports[index]
      return .init(String(name), port: Int(port) ?? 5432)
    }
    #expect(address.hosts == hosts)
    #expect(address.database == real["dbname"].flatMap { $0.isEmpty ? nil : $0 })
    #expect(address.user == real["user"].flatMap { $0.isEmpty ? nil : $0 })
    #expect(address.hasPassword == !(real["password"] ?? "").isEmpty)
    let told = Set(["host", "hostaddr", "port", "dbname", "user", "password"])
    let options = Dictionary(address.options.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
    #expect(options.filter { !told.contains($0.key) } == real.filter { !told.contains($0.key) })
    #expect(!"\(reading)".contains("SES"))
  }

  private static let place = Place("f", line: 1)

  @Test(
    arguments: [
      (
        "jdbc:postgresql://db1:5433,db2/shop?user=app&password=SESAME&socketTimeout=30", "jdbc:postgresql",
        "db1:5433 db2:5432", "shop", "app"
      ),
      ("jdbc:postgresql:shop", "jdbc:postgresql", "localhost:5432", "shop", nil),
      ("jdbc:postgresql:/", "jdbc:postgresql", "localhost:5432", nil, nil),
      ("jdbc:postgresql://db/", "jdbc:postgresql", "db:5432", nil, nil),
      ("jdbc:aws-wrapper:postgresql://db/x", "jdbc:postgresql", "db:5432", "x", nil),
      ("r2dbc:pool:postgresql://u:SESAME@db/x?maxSize=5", "r2dbc:postgresql", "db:5432", "x", "u"),
      ("postgresql+asyncpg://u:SESAME@db/x", "postgresql+asyncpg", "db:5432", "x", "u"),
      ("postgis://u@db/x", "postgis", "db:5432", "x", "u"),
      ("postgres://u:SES@AM/E?S:AME@db:7/x?sslmode=require", "postgresql", "db:7", "x", "u"),
      (
        "postgres://${DB_USER}:${DB_PASS:-a/b@c}@${DB_HOST}:${DB_PORT}/${DB}", "postgresql", "${DB_HOST}:5432", "${DB}",
        "${DB_USER}"
      ),
    ] as [(String, String, String, String?, String?)])
  func `drivers' own forms are read`(text: String, scheme: String, hosts: String, database: String?, user: String?)
    throws
  {
    let address = try #require(ConnectionString.read(text, at: Self.place)?.address)
    #expect(address.scheme == scheme)
    #expect(address.hosts.map { "\($0.name):\($0.port)" }.joined(separator: " ") == hosts)
    #expect(address.database == database)
    #expect(address.user == user)
    #expect(!"\(address)".contains("SES"))
  }

  /// libpq refuses keywords that it does not know, and other drivers have their own: they are read. A port that is none
  /// libpq refuses only when it connects.
  @Test(
    arguments: [
      ("postgresql://h/db?connection_limit=5&schema=x", ["connection_limit=5", "schema=x"]),
      ("postgresql://h/db?pgbouncer", ["pgbouncer="]), ("postgresql://h/db?&sslmode=require", ["sslmode=require"]),
      ("host=db port= dbname=x", nil), ("postgresql://h:x/db", nil), ("postgresql://h:99999/db", nil),
      ("host=a,b port=1,2,3 dbname=x", nil),
    ] as [(String, [String]?)]) func `what only other drivers know is read, and a strange port is refused`(
      text: String, options: [String]?
    )
  {
    let address = ConnectionString.read(text, at: Self.place)?.address
    #expect(address?.options.map { "\($0.name)=\($0.text)" } == options)
  }

  @Test(arguments: [
    "mysql://u:p@h/db", "https://example.com/x?host=1", "42", "", "host", "user=1", "a=b c=d", "jdbc:mysql://h/db",
    "postgres", "redis://h",
  ]) func `what is no address of PostgreSQL is none`(text: String) {
    #expect(ConnectionString.read(text, at: Self.place) == nil)
  }

  @Test func `Prisma's own service is named, not guessed at`() throws {
    let reading = try #require(
      ConnectionString.read("prisma+postgres://accelerate.prisma-data.net/?api_key=SESAME", at: Self.place))
    #expect(reading.address == nil && reading.remarks.count == 1)
  }
}

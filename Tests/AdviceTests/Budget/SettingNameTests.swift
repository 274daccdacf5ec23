import Configuration
import Ecosystems
import Model
import Testing

@testable import Advice

@Suite struct SettingNameTests {
  @Test(arguments: [
    ("DB_POOL_MAX", "max_size", ""), ("DATABASE_MAX_CONNECTIONS", "max_size", ""),
    ("DB_CONNECTION_LIMIT", "max_size", ""),
    ("POSTGRES_POOL_SIZE", "max_size", ""), ("READ_DB_POOL_MAX", "max_size", "READ"),
    ("DB_ADMIN_POOL_SIZE", "max_size", "ADMIN"), ("MYAPP_DB_POOL_MAX", "max_size", ""),
    ("database.pool.max-size", "max_size", ""), ("spring.datasource.hikari.maximum-pool-size", "max_size", ""),
    ("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "max_size", ""), ("DB_POOL_MIN", "min_size", ""),
    ("DATABASE_ACQUIRE_TIMEOUT_SECS", "acquire_timeout", ""), ("DB_POOL_TIMEOUT", "acquire_timeout", ""),
    ("DATABASE_IDLE_TIMEOUT_SECS", "idle_timeout", ""), ("DB_POOL_RECYCLE", "max_lifetime", ""),
    ("DATABASE_MAX_LIFETIME_SECS", "max_lifetime", ""), ("DB_STATEMENT_CACHE_SIZE", "statement_cache", ""),
    ("connectionTimeoutMillis", "", ""), ("MAX_POOL_SIZE", "max_size", ""),
  ])
  func `names mean what every pool means by them`(_ name: String, _ key: String, _ role: String) throws {
    let read = try #require(SettingName(name))
    #expect(SettingKey(rawValue: key).map { read.word == .key($0) } ?? true)
    #expect(read.role == role)
  }

  @Test(arguments: [
    "DB_NAME", "REDIS_POOL_SIZE", "HTTP_MAX_CONNECTIONS", "DB_CACHE_MAX_SIZE", "MAX_SIZE", "IDLE_TIMEOUT", "LOG_LEVEL",
    "THREAD_POOL_SIZE", "MYSQL_POOL_MAX", "DATABASE_URL", "", "_", "DB", "PGBOUNCER_DEFAULT_POOL_SIZE",
  ])
  func `other names mean nothing`(_ name: String) { #expect(SettingName(name) == nil) }

  @Test(
    arguments: [
      ("DB_POOL_TIMEOUT_MS", "1500", nil, "1.5s"), ("DB_POOL_TIMEOUT_SECS", "5", nil, "5s"),
      ("DB_MAX_LIFETIME_MINUTES", "30", "hikaricp", "30m"), ("DB_POOL_TIMEOUT", "30", "sqlalchemy", "30s"),
      ("DB_POOL_TIMEOUT", "30000", "hikaricp", "30s"), ("DB_POOL_TIMEOUT", "30s", nil, "30s"),
      ("DB_POOL_TIMEOUT", "30", nil, nil), ("DB_POOL_TIMEOUT", "30", "sqlx", nil),
      ("DB_POOL_TIMEOUT", "30s", "sqlx", "30s"),
    ] as [(String, String, String?, String?)])
  func `a time has a unit by its name, by its value or by its pool, or none`(
    _ name: String, _ text: String, _ pool: String?, _ duration: String?
  ) throws {
    var reading = PoolReading(pool.flatMap(Ecosystem.named))
    reading.add(try #require(SettingName(name)), Written(name, text, at: Place(".env", line: 1)))
    #expect(reading.settings.values.first?.duration?.text == duration)
    #expect((reading.settings.values.first?.unit == .unknown) == (duration == nil))
  }
}

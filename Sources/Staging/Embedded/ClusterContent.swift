internal import Glibc
import Postgres
import System

/// The role, the database and its mark.
enum ClusterContent {
  /// `application_name` of the sessions that prepare a cluster; there is one at a time, since the manage lock is held.
  static let sessionName = "poolops-staging"

  /// Ends what sessions of a killed poolops are still doing: a server learns that its client is gone only at the end of
  /// a statement.
  static func endOrphans(_ session: Session) throws(PostgresError) {
    let orphans = """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()
      """
    let end = ContinuousClock.now + .seconds(20)
    while try !session.query(orphans, [sessionName]).isEmpty, ContinuousClock.now < end { usleep(5000) }
  }

  /// Each step is safe to repeat, since an earlier one may have been killed between any two.
  static func makeRoleAndDatabase(_ session: Session, home: ClusterHome) throws(StagingError) {
    let target = "the embedded staging"
    try forStaging(target) { () throws(PostgresError) in
      if try session.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]).isEmpty {
        try session.execute("CREATE ROLE \(role) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
      }
    }
    if !FileSystem.exists(home.passwordFile) {
      let password = newPassword()
      try forStaging(target) { () throws(PostgresError) in try setPassword(password, session) }
      try forStaging { () throws(SystemFault) in
        try FileSystem.replace(home.passwordFile, with: Array((password + "\n").utf8), mode: 0o600)
      }
    }
    try forStaging(target) { () throws(PostgresError) in
      let database = ClusterConfiguration.database
      if try session.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]).isEmpty {
        try session.execute("CREATE DATABASE \(database)", within: .seconds(60))
      }
    }
  }

  private static let role = ClusterConfiguration.loadRole

  private static func setPassword(_ password: String, _ session: Session) throws(PostgresError) {
    let verifier = try session.literal(session.passwordVerifier(password, for: role))
    try session.execute("ALTER ROLE \(role) PASSWORD \(verifier)")
  }

  static func mark(_ session: Session) throws(PostgresError) {
    if try StagingMark.name(in: session) == EmbeddedCluster.markName { return }
    try session.execute(
      StagingMark.statement(database: ClusterConfiguration.database, name: EmbeddedCluster.markName))
  }

  /// 160 random bits from the system.
  private static func newPassword() -> String {
    var generator = SystemRandomNumberGenerator()
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String((0..<32).map { _ in letters[Int(generator.next() as UInt64 % 32)] })
  }
}

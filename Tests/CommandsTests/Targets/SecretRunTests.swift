import Glibc
import Model
import Staging
import Store
import TestSupport
import Testing

/// The whole program on targets that know a password and do not keep it to themselves: no output and no file of poolops holds it.
@Suite struct SecretRunTests {
  private static let secret = "hunter2-planted"

  struct Leak: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Words of the failure, by which is known that the leak was on its way.
    var told: String
    var make: @Sendable (TestProject) throws -> (experiment: String, variables: [String: String], keep: [AnyObject])
  }

  static let leaks = [
    Leak(testDescription: "an app that fails at its start, and prints its URL", told: "shop: cannot log in") {
      project in
      let fixture = try TargetKind.app.make(project)
      let env = text(of: project.root + "/shop.env") ?? ""
      write("DATABASE_URL=\"postgresql://shop:\(secret)@127.0.0.1:5432/shop\"\n" + env, to: project.root + "/shop.env")
      project.addProgram(
        "leaky",
        """
        set -a; . ./shop.env
        echo "shop: connecting to $DATABASE_URL"
        if [ "$DB_CONNECTION_LIMIT" = 8 ]; then
          echo "shop: cannot log in, the password \(secret) is wrong" >&2; echo \(secret) >&2; exit 1
        fi
        exec ./service restart
        """)
      return (fixture.experiment().replacing("[./service, restart]", with: "[./leaky]"), [:], [fixture])
    },
    Leak(testDescription: "a command that prints what it reads", told: "router: refused") { project in
      write("router=old\n", to: project.root + "/flag.txt")
      project.addProgram(
        "flag",
        """
        echo "router: PASSWORD=\(secret) postgres://u:\(secret)@h/d \(secret)"
        [ "$POOLOPS_ROUTER" = new ] && { echo "router: refused \(secret)"; exit 3; }
        echo "router=$POOLOPS_ROUTER" >flag.txt
        """)
      let targets = """
        targets:
          - pool: builtin
          - command: { apply: [./flag], read_back: [cat, flag.txt], revert: [./flag] }
            baseline: { router: old }
            change: { router: new }
        """
      return (Tiny(targets: targets).text, ["ROUTER_PASSWORD": secret], [])
    },
    Leak(testDescription: "a console that does not answer", told: "127.0.0.1:1") { _ in
      console("postgresql://admin:\(secret)@127.0.0.1:1/pgbouncer")
    },
    Leak(testDescription: "a console's URL that is none", told: "CONSOLE_OF_SECRETS holds no PostgreSQL URL") { _ in
      console("postgresql://admin:\(secret)@[/pgbouncer")
    },
    Leak(testDescription: "a password that is wrong", told: "PgBouncer at 127.0.0.1:") { project in
      console("postgresql://poolops_app:\(secret)@127.0.0.1:\(try project.staging().port)/poolops_staging")
    },
  ]

  private static func console(
    _ url: String, _ keep: AnyObject...
  ) -> (experiment: String, variables: [String: String], keep: [AnyObject]) {
    let targets = """
      targets:
        - pgbouncer: { console_env: CONSOLE_OF_SECRETS }
          baseline: { query_wait_timeout: 7 }
          change: { query_wait_timeout: 5 }
        - pool: builtin
      """
    return (Tiny(targets: targets, duration: "100ms").text, ["CONSOLE_OF_SECRETS": url], keep)
  }

  @Test(arguments: leaks) func `a password that a target lets out goes no further`(leak: Leak) throws {
    let project = TestProject()
    _ = try project.staging()
    let (experiment, variables, keep) = try leak.make(project)
    project.add("leaky", experiment)
    let ending = try project.poolops(["experiment", "run", "leaky"], variables: variables)
    #expect(ending.status != 0 && ending.error.contains(leak.told), "\(ending)")
    var outputs = [ending]
    outputs.append(try project.poolops(["experiment", "run", "leaky", "--json"], variables: variables))
    for line in [
      "experiment recover", "experiment recover --force --json", "experiment plan leaky", "experiment validate",
      "experiment list", "run list", "run show run-1", "run show run-1 --json", "report run-1", "staging status",
    ] {
      outputs.append(project.command(line, variables: variables))
    }
    let shown =
      outputs.map { "\($0)" } + ["results.db", "results.db-wal"].compactMap { text(of: project.root + "/" + $0) }
    #expect(shown.allSatisfy { !$0.contains(Self.secret) }, "\(shown.filter { $0.contains(Self.secret) })")
    withExtendedLifetime(keep) {}
  }
}

import Model
import YAML

extension ExperimentReader {
  mutating func pgBouncer(_ node: Node) -> PgBouncerTargetSpec? {
    let known = ["console_env", "database", "method", "ini"]
    let before = faults.count
    guard let fields = fields(node, "pgbouncer", known: known, required: ["console_env"]) else { return nil }
    let console = fields["console_env"].flatMap {
      environmentVariable($0, "console_env", such: "PGBOUNCER_CONSOLE_URL")
    }
    let database = fields["database"].flatMap { plainText($0, "database", accepts: "a database's name") }
    let methods = PgBouncerTargetSpec.Method.allCases.map(\.rawValue)
    let method = fields["method"].flatMap { word($0, "method", of: methods) } ?? "set"
    let ini = fields["ini"].flatMap { path($0, "ini", such: "deploy/pgbouncer.ini") }
    if method == "file", fields["ini"] == nil { report(node.mark, "'ini' is missing in pgbouncer: the file to edit") }
    if method == "set", let node = fields["ini"] {
      report(node.mark, "ini goes with 'method: file'; 'set' changes no file")
    }
    guard faults.count == before, let console, let method = PgBouncerTargetSpec.Method(rawValue: method) else {
      return nil
    }
    return PgBouncerTargetSpec(consoleVariable: console, database: database, method: method, ini: ini)
  }
}

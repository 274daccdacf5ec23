import Model
import YAML

extension ExperimentReader {
  mutating func postgres(_ node: Node) -> PostgreSQLTargetSpec? {
    if node.isNull { return PostgreSQLTargetSpec() }
    guard let fields = fields(node, "postgres", known: ["url_env", "restart", "restart_timeout"]) else { return nil }
    let before = faults.count
    let variable = fields["url_env"].flatMap {
      environmentVariable($0, "url_env", such: "STAGING_ADMIN_URL")
    }
    let restart = fields["restart"].flatMap { words($0, "restart") }
    let timeout = limit(fields, "restart_timeout", standard: .seconds(60))
    guard faults.count == before, let timeout else { return nil }
    return PostgreSQLTargetSpec(urlVariable: variable, restart: restart, timeout: timeout)
  }
}

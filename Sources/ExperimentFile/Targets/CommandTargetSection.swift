import Model
import YAML

extension ExperimentReader {
  mutating func command(_ node: Node) -> CommandTargetSpec? {
    let required = ["apply", "read_back", "revert"]
    guard let fields = fields(node, "command", known: required + ["timeout"], required: required) else { return nil }
    let apply = fields["apply"].flatMap { words($0, "apply") }
    let readBack = fields["read_back"].flatMap { words($0, "read_back") }
    let revert = fields["revert"].flatMap { words($0, "revert") }
    let timeout = limit(fields, "timeout", standard: .seconds(60))
    guard let apply, let readBack, let revert, let timeout else { return nil }
    return CommandTargetSpec(apply: apply, readBack: readBack, revert: revert, timeout: timeout)
  }
}

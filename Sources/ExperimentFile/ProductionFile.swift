import Model
import YAML

/// Reads `production.yaml`: what poolops must not touch. All faults at once, each with its line and column.
package enum ProductionFile {
  package static func parse(text: String, path: String) -> Result<ProductionList, ExperimentFaults> {
    var reader = ExperimentReader()
    var list: ProductionList?
    do throws(YAMLFault) {
      if let root = try YAMLDocument.read(Array(text.utf8)) {
        list = reader.production(root)
      } else {
        reader.report(.start, "the file is empty; it begins with 'version: 1'")
      }
    } catch { reader.report(error.mark, error.message) }
    if let list, reader.faults.isEmpty { return .success(list) }
    return .failure(ExperimentFaults(reader.faults, path: path))
  }
}

extension ExperimentReader {
  fileprivate mutating func production(_ root: Node) -> ProductionList? {
    guard case .map(let entries) = root.content, isVersion1(entries) else {
      if faults.isEmpty { report(root.mark, "the list is made of 'key: value' lines; it begins with 'version: 1'") }
      return nil
    }
    let known = ["version", "hosts", "databases", "system_identifiers"]
    guard let fields = fields(root, "the list of production", known: known, required: ["version"]) else { return nil }
    let hosts = fields["hosts"].map { names($0, "hosts", such: "db.example, 10.0.0.5, \"10.0.0.6:6432\"") } ?? []
    let databases = fields["databases"].map { self.databases($0) } ?? []
    let identifiers = fields["system_identifiers"].map { self.identifiers($0) } ?? []
    // A list that protects nothing is a mistake that must be seen.
    if faults.isEmpty, hosts.isEmpty, databases.isEmpty, identifiers.isEmpty {
      report(root.mark, "the list names nothing; write hosts, databases or system_identifiers, or remove the file")
    }
    return ProductionList(hosts: hosts, databases: databases, systemIdentifiers: identifiers)
  }

  private mutating func names(_ node: Node, _ name: String, such example: String) -> [String] {
    (list(node, name, accepts: "names, such as [\(example)]") ?? []).compactMap { node -> String? in
      guard let text = scalar(node, name, accepts: "a name, such as \(example)") else { return nil }
      guard !text.isEmpty, !text.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "@" }) else {
        return fault(node.mark, "this is no name in \(name); write such as \(example), not a URL")
      }
      return text
    }
  }

  private mutating func databases(_ node: Node) -> [String] {
    (list(node, "databases", accepts: "names, such as [shop_production]") ?? []).compactMap { node -> String? in
      guard let text = scalar(node, "databases", accepts: "a name, such as shop_production") else { return nil }
      guard !text.isEmpty, !text.contains("://") else {
        return fault(node.mark, "this is no name in databases; write such as shop_production, not a URL")
      }
      return text
    }
  }

  private mutating func identifiers(_ node: Node) -> [String] {
    let accepts = "numbers of SELECT system_identifier FROM pg_control_system()"
    return (list(node, "system_identifiers", accepts: accepts) ?? []).compactMap { node -> String? in
      guard let text = scalar(node, "system_identifiers", accepts: accepts) else { return nil }
      guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
        return refuse(node, text, "system_identifiers", accepts)
      }
      return text
    }
  }
}

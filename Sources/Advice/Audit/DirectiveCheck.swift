import Configuration
import Ecosystems
import Model

extension Directive {
  /// What is wrong with a comment, as a sentence without its full stop.
  struct Fault: Error, Hashable {
    var text: String
  }

  /// The suppression that it is; nil for facts, which others read.
  func suppression(_ rules: [String]) -> Result<Suppression?, Fault> {
    switch content {
    case .unreadable(let text): return .failure(Fault(text: text))
    case .facts(let facts):
      let faults = facts.sorted { $0.key < $1.key }.compactMap(Self.fault)
      return faults.first.map { .failure($0) } ?? .success(nil)
    case .ignore(let rule, let reason):
      guard rules.contains(rule) else {
        let hint = nearest(to: rule, in: rules).map { ": did you mean '\($0)'?" } ?? " of an audit"
        return .failure(Fault(text: "'\(rule)' is no rule\(hint)"))
      }
      guard reason.contains(where: \.isLetter) else {
        let text = "It ignores \(rule) and does not say why, so nothing is ignored; write 'ignore \(rule): REASON'"
        return .failure(Fault(text: text))
      }
      let reach: Suppression.Reach = line.map { .line($0) } ?? .file
      return .success(Suppression(rule: rule, reason: reason, reach: reach, at: place))
    }
  }

  /// A fact that an audit reads and cannot use. Names that it does not know are the reader's affair.
  private static func fault(_ name: String, _ value: String) -> Fault? {
    switch name {
    case "pool":
      guard Ecosystem.named(value) == nil else { return nil }
      let known = Ecosystem.all.map(\.id)
      let hint = nearest(to: value.lowercased(), in: known).map { "did you mean '\($0)'?" }
      return Fault(text: "'\(value)' is no pool that poolops knows: \(hint ?? known.joined(separator: ", "))")
    case "processes", "replicas":
      guard Int(value).map({ $0 >= 0 }) != true else { return nil }
      return Fault(text: "\(name)=\(value): a whole number is needed")
    case "surge":
      let number = value.hasSuffix("%") ? String(value.dropLast()) : value
      guard Int(number).map({ $0 >= 0 }) != true else { return nil }
      return Fault(text: "surge=\(value): a whole number or a share such as 25% is needed")
    default: return nil
    }
  }
}

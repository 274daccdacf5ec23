import Model
import YAML

extension ExperimentReader {
  /// `sweep: { max_size: 10..50:10, users: [100, 500], duration: 10s }`. All of it may be left out.
  mutating func sweep(_ node: Node) -> SweepOutline? {
    let known = ["max_size", "users", "rate", "warm_up", "duration", "repeat", "again"]
    guard let fields = fields(node, "sweep", known: known) else { return nil }
    let count = faults.count
    let day = Duration.seconds(86_400)
    let sizes = fields["max_size"].flatMap { self.numbers($0, "max_size", atMost: 100_000) }
    let users = fields["users"].flatMap { self.numbers($0, "users", atMost: 100_000) }
    let rates = fields["rate"].flatMap { self.rates($0) }
    if let rate = fields["rate"], fields["users"] != nil {
      report(rate.mark, "a sweep varies users or rate, not both; remove one")
    }
    let outline = SweepOutline(
      sizes: sizes, levels: users?.map(SweepLevel.users) ?? rates?.map(SweepLevel.rate),
      warmUp: fields["warm_up"].flatMap { duration($0, "warm_up", atLeast: .zero, atMost: day) },
      duration: fields["duration"].flatMap { duration($0, "duration", atMost: day) },
      repeats: fields["repeat"].flatMap { integer($0, "repeat", 1...500) },
      again: fields["again"].flatMap { integer($0, "again", 0...SweepOutline.mostAgain) })
    return faults.count == count ? outline : nil
  }

  /// A list of numbers, or a text such as `10,20` or `10..100:10`.
  private mutating func numbers(_ node: Node, _ name: String, atMost most: Int) -> [Int]? {
    var found: [Int] = []
    for item in items(node) {
      guard let text = scalar(item, name, accepts: NumberList.accepted) else { return nil }
      guard let numbers = NumberList.parse(text), numbers.allSatisfy({ $0 <= most }) else {
        return refuse(item, text, name, "\(NumberList.accepted), at most \(most)")
      }
      found += numbers
    }
    return found.isEmpty ? fault(node.mark, "\(name) is empty; write \(NumberList.accepted)") : found
  }

  private mutating func rates(_ node: Node) -> [Double]? {
    let accepts = "requests per second: a number above 0, at most 1000000"
    var found: [Double] = []
    for item in items(node) {
      guard let rate = number(item, "rate", Double.leastNonzeroMagnitude...1e6, accepts: accepts) else { return nil }
      found.append(rate)
    }
    return found.isEmpty ? fault(node.mark, "rate is empty; write \(accepts)") : found
  }

  private func items(_ node: Node) -> [Node] {
    if case .list(let nodes) = node.content { nodes } else { [node] }
  }
}

/// What a comment in a configuration file tells poolops: `# poolops: pool=psycopg2 processes=4` says what the file
/// cannot, and `# poolops: ignore slot-budget: sized for the sale in May` accepts a finding and says why.
package struct Directive: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// Accepts the findings of a rule.
    case ignore(rule: String, reason: String)
    /// Facts by name, in the order written.
    case facts([String: String])
    /// It begins with `poolops:` and is neither: what is wrong with it.
    case unreadable(String)
  }
  package var content: Content
  package var place: Place
  /// The comment has its line to itself: it speaks of the next line that says something, and at the head of a file,
  /// before anything else, of the whole file. Otherwise of its own line.
  package var standsAlone: Bool
  /// The line that it speaks of; nil for the whole file.
  package var line: Int?

  package init(_ content: Content, at place: Place, standsAlone: Bool, line: Int?) {
    self.content = content
    self.place = place
    self.standsAlone = standsAlone
    self.line = line
  }
}

/// What a person vouched for: an item of the go/no-go policy that no measurement can decide.
package struct SignOff: Hashable, Sendable {
  /// The item's id in the policy: `capacity-of-support`.
  package var item: String
  /// The person, as they wrote their name.
  package var signedBy: String
  /// The day that stands beside the name: `2026-11-20`.
  package var date: String
  /// What was signed: the digest of the item's text, so that a text that changed later is not taken as signed.
  package var subject: String
  package var note: String
  /// When it was recorded.
  package var at: Timestamp
  package init(item: String, signedBy: String, date: String, subject: String, note: String = "", at: Timestamp) {
    self.item = item
    self.signedBy = signedBy
    self.date = date
    self.subject = subject
    self.note = note
    self.at = at
  }
}

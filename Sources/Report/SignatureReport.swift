import Model

/// `poolops go-no-go sign`: who signed what, and how long it holds.
package struct SignatureReport: Sendable {
  private let signature: SignOff
  private let text: String
  private let end: Timestamp

  package init(_ signature: SignOff, text: String, until end: Timestamp) {
    self.signature = signature
    self.text = text
    self.end = end
  }

  package func text(_ style: Style) -> String {
    let note = signature.note.isEmpty ? "" : " (\(signature.note))"
    let parts = [
      "\(signature.signedBy) signed \(signature.item) at \(signature.at.text)\(note):", "  \(text)",
      "It holds until \(end.text), unless the words of the item change before.", "Next: poolops go-no-go",
    ]
    return parts.map { style.paragraph($0, hanging: 2) }.joined(separator: "\n") + "\n"
  }

  package var json: JSONValue {
    [
      "item": .string(signature.item), "text": .string(text), "signed_by": .string(signature.signedBy),
      "at": .string(signature.at.text), "note": .string(signature.note), "holds_until": .string(end.text),
    ]
  }
}

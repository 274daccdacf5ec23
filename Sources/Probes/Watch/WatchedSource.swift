import Monitor

/// A source of facts to be watched, as the user named it.
package struct WatchedSource: Sendable {
  /// Unique among those that are watched, without anything secret.
  package var name: String
  package var kind: SourceKind
  /// Called once, on the thread that reads.
  package var open: @Sendable () -> any SourceReader

  package init(name: String, kind: SourceKind, open: @escaping @Sendable () -> any SourceReader) {
    self.name = name
    self.kind = kind
    self.open = open
  }
}

/// Reads one source, again and again, on one thread.
package protocol SourceReader: AnyObject {
  /// Returns or throws within a few seconds, whatever the other side does, and tries anew after a fault.
  func read() throws(SourceFault) -> SourceReading
}

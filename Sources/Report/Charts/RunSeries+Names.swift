import Evidence
import Model

/// How charts name a run.
extension RunSeries {
  /// `before`; by its number where it stands alone, as that of a ramp into exhaustion does.
  var name: String { run.kind == .exhaustion ? "\(run.id)" : isBefore ? "before" : "after" }

  /// `before (run-12)`, for a caption.
  var fullName: String { run.kind == .exhaustion ? name : "\(name) (\(run.id))" }
}

extension PgBouncerIni {
  /// Whether PgBouncer has a setting of this name in its `[pgbouncer]` section, in any version.
  package static func knows(_ name: String) -> Bool { PgBouncerParameters.main[name] != nil }
}

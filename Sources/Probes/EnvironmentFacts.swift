internal import CPlatform
internal import Glibc
import Model
import Postgres

/// Facts about machine and server that must agree for two runs to be compared.
package enum EnvironmentFacts {
  /// Keys: `postgres_version max_connections shared_buffers dataset_scale`, `libpq_version`, and of this machine
  /// `cores cpu_model cpu_quota memory kernel`; one that cannot be found out is absent.
  /// - Parameter datasetScale: nil for a database that poolops did not fill.
  package static func collect(_ session: Session, datasetScale: Int?) throws(PostgresError) -> [String: String] {
    var facts = machine()
    facts["libpq_version"] = "\(Session.libraryVersion / 10_000).\(Session.libraryVersion % 10_000)"
    let rows = try session.query(
      """
      SELECT split_part(current_setting('server_version'), ' ', 1) AS postgres_version,
        current_setting('max_connections') AS max_connections, current_setting('shared_buffers') AS shared_buffers
      """)
    for column in rows.columns { facts[column] = rows[0, column] }
    if let datasetScale { facts["dataset_scale"] = "\(datasetScale)" }
    return facts
  }

  private static func machine() -> [String: String] {
    var facts = ["cores": "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"]
    facts["kernel"] = ProcFile.text("/proc/sys/kernel/osrelease").map(trimmed)
    facts["cpu_model"] = ProcFile.text("/proc/cpuinfo").flatMap(cpuModel)
    facts["cpu_quota"] = ProcFile.text("/sys/fs/cgroup/cpu.max").flatMap(quota)
    let memory = ProcFile.text("/proc/meminfo").flatMap { ProcFile.bytes("MemTotal:", in: $0) }
    // A tenth of a GiB, because the kernel keeps a little more or less for itself from boot to boot.
    facts["memory"] = memory.map { decimal($0 / 1_073_741_824, places: 1) + " GiB" }
    return facts
  }

  static func cpuModel(_ cpuinfo: String) -> String? {
    cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":", maxSplits: 1).last.map { trimmed(String($0)) }
  }

  /// Cores' worth of time that the container may use; nil without a limit (cgroup v2: `200000 100000`, or `max 100000`).
  static func quota(_ text: String) -> String? {
    let words = trimmed(text).split(separator: " ").map { Double($0) }
    guard words.count == 2, let share = words[0], let period = words[1], period > 0 else { return nil }
    return decimal(share / period, places: 2)
  }

  private static func trimmed(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

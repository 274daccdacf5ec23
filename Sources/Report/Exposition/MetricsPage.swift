import Model
import Monitor

/// What is watched as a page that Prometheus scrapes: OpenTelemetry's names where it has one, `poolops_` for the rest.
/// docs/exporter.md lists them.
package struct MetricsPage {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private let snapshot: MonitorSnapshot
  private let version: String

  /// Of a source that is gone nothing is shown but that it is: what it told before is not of now.
  package init(_ snapshot: MonitorSnapshot, version: String) {
    let telling = Set(snapshot.sources.filter(\.isTelling).map(\.name))
    var snapshot = snapshot
    snapshot.pools.removeAll { !telling.contains($0.source) }
    snapshot.servers.removeAll { !telling.contains($0.source) }
    snapshot.machines.removeAll { !telling.contains($0.source) }
    self.snapshot = snapshot
    self.version = version
  }

  package var text: String {
    var page = ""
    for family in own + sources + PoolFamilies(snapshot.pools).all + servers + machines { family.write(to: &page) }
    return page
  }

  private var own: [MetricFamily] {
    var build = MetricFamily("poolops_build_info", .gauge, "Version of poolops that serves this page; always 1.")
    build.add(1, MetricLabels().with("version", version))
    var up = MetricFamily("poolops_up", .gauge, "Whether at least one source tells something (1) or none does (0).")
    up.add(snapshot.sources.contains(where: \.isTelling) ? 1 : 0)
    return [build, up]
  }

  private var sources: [MetricFamily] {
    var up = MetricFamily(
      "poolops_source_up", .gauge,
      "Whether a source tells something (1) or is gone (0); what is gone has no other series.")
    var told = MetricFamily(
      "poolops_source_last_sample_timestamp_seconds", .gauge, "When a source told something last, in Unix time.")
    for source in snapshot.sources {
      let labels = MetricLabels().with("source", source.name).with("kind", source.kind.rawValue)
      up.add(source.isTelling ? 1 : 0, labels)
      told.add(source.lastTold?.unixSeconds, labels)
    }
    return [up, told]
  }

  private var servers: [MetricFamily] {
    var most = MetricFamily(
      "poolops_server_max_connections", .gauge, "Connection slots of a server, with reserved ones.")
    var slots = MetricFamily(
      "poolops_server_slots", .gauge,
      "Connection slots of a server: used by clients, reserved for some roles, and free for any role.")
    var full = MetricFamily(
      "poolops_server_full", .gauge,
      "Whether a server has no slot left for ordinary roles (1), also where that keeps poolops itself out.")
    var sessions = MetricFamily(
      "poolops_server_sessions", .gauge,
      "Client sessions of a server by state, in PostgreSQL's words; hidden: poolops's role may not see their state.")
    var longest = MetricFamily(
      "poolops_server_longest_hold_seconds", .gauge,
      "How long the oldest transaction or statement under way has held its connection; 0 when there is none.")
    for source in snapshot.sources where source.isFull { full.add(1, MetricLabels().with("source", source.name)) }
    for server in snapshot.servers {
      let labels = MetricLabels().with("source", server.source)
      most.add(Double(server.slots), labels)
      slots.add(Double(server.freeSlots), labels.with("state", "free"))
      slots.add(Double(server.usedSlots), labels.with("state", "used"))
      slots.add(Double(server.reservedSlots), labels.with("state", "reserved"))
      full.add(server.freeSlots == 0 ? 1 : 0, labels)
      for (state, count) in server.sessions.sorted(by: { $0.key < $1.key }) {
        sessions.add(Double(count), labels.with("state", state))
      }
      if server.hiddenSessions > 0 { sessions.add(Double(server.hiddenSessions), labels.with("state", "hidden")) }
      longest.add(server.holders.map(\.seconds).max() ?? 0, labels)
    }
    return [most, slots, full, sessions, longest]
  }

  private var machines: [MetricFamily] {
    var cpu = MetricFamily(
      "poolops_machine_cpu_ratio", .gauge,
      "Share of all cores that a machine, or processes on it, used between the last two samples, 0 to 1.")
    var memory = MetricFamily(
      "poolops_processes_resident_memory_bytes", .gauge, "Resident memory of the processes that are watched.")
    for machine in snapshot.machines {
      let labels = MetricLabels().with("source", machine.source)
      cpu.add(machine.cpu, labels)
      memory.add(machine.memory, labels)
    }
    return [cpu, memory]
  }
}

extension SourceState {
  fileprivate var isTelling: Bool { fault == nil }
}

extension Timestamp {
  fileprivate var unixSeconds: Double { Double(microseconds) / 1e6 }
}

import Model

/// CPU seconds of the whole machine since it was started, over all cores.
struct MachineCPU {
  /// busy = user + nice + system + irq + softirq (guests are part of user); total adds idle, iowait and steal.
  func read() -> [ProbeGauge: Double]? { ProcFile.text("/proc/stat").flatMap(Self.parse) }

  static func parse(_ text: String) -> [ProbeGauge: Double]? {
    guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
    let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
    guard ticks.count >= 8 else { return nil }
    let busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]
    let total = busy + ticks[3] + ticks[4] + ticks[7]
    let scale = 1 / ProcFile.ticksPerSecond
    return [
      .machineBusySeconds: busy * scale, .machineTotalSeconds: total * scale, .machineStealSeconds: ticks[7] * scale,
    ]
  }
}

internal import CPlatform
internal import Glibc

/// CPU time of the whole process, all threads.
package enum ProcessCPU {
  package static var seconds: (user: Double, system: Double) {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return (seconds(usage.ru_utime), seconds(usage.ru_stime))
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

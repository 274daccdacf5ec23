import Glibc

private let usage = """
  usage: poolops-bench sql --conninfo TEXT [--connections N] [--transactions T | --seconds S] [--scale S] [--libpq]
         poolops-bench users --conninfo TEXT [--users N] [--think S] [--exponential] [--connections N]
                             [--warm-up S] [--seconds S | --transactions T]
         poolops-bench arrivals --conninfo TEXT [--rate N] [--poisson] [--connections N] [--warm-up S] [--seconds S]
         poolops-bench http --url URL [--connections N] [--transactions T | --seconds S] [--threads N]
                            [--ca-file FILE] [--streams N]
         poolops-bench timers [--users N] [--think S] [--values N]
         poolops-bench histogram [--values N]
         poolops-bench database --path FILE [--runs N]
         poolops-bench false-alarms --root FOLDER [--comparisons N] [--pairs N] [--seconds S] [--arms A,B ...] [--seed N]
         poolops-bench burn --root FOLDER [--seed N]

  sql           saturated point selects through the load engine; prints key=value pairs; --libpq: as on an encrypted connection
  users         point selects of users who think; prints rate, schedule slip and memory
  arrivals      the same of requests that fall due by a schedule
  http          saturated requests for one page through the load engine; prints key=value pairs; --streams: over HTTP/2, so many on a connection
  timers        cost of a timer: a user falls due, is taken and thinks again
  histogram     cost of recording one value
  database      records a results file with N runs, two of them an hour long, for scripts/bench-diff
  false-alarms  A against A on an embedded staging under FOLDER, many times over; other arms have a truth planted in them
  burn          a noisy neighbour, until its standard input ends

  """

/// Runs one benchmark; returns the exit code.
func runBench(_ words: [String]) -> Int32 {
  guard let name = words.first, let options = BenchOptions(words.dropFirst()) else { return refuse(usage) }
  switch name {
  case "sql": return benchSQL(options)
  case "users": return benchUsers(options)
  case "arrivals": return benchArrivals(options)
  case "http" where !options.url.isEmpty: return benchHTTP(options)
  case "timers": return benchTimers(options)
  case "histogram": return benchHistogram(options)
  case "false-alarms": return benchFalseAlarms(options)
  case "burn": return benchBurn(options)
  case "database" where !options.path.isEmpty: return benchDatabase(options)
  default: return refuse("no benchmark is called '\(name)'\n\n\(usage)")
  }
}

func refuse(_ message: String) -> Int32 {
  say(message)
  return 64
}

/// A line on standard error.
func say(_ message: String) {
  var text = message.hasSuffix("\n") ? message : message + "\n"
  text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// What a benchmark is told. Nil from `init` when a word is unknown or its value no number above 0.
struct BenchOptions {
  var conninfo = ""
  var connections = 8
  var transactions: Int?
  var seconds = 5.0
  var scale = 10
  var values = 50_000_000
  var users = 10_000
  /// Seconds.
  var think = 1.0
  /// Whether think times are drawn; else they are all the same.
  var isExponential = false
  var rate = 10_000.0
  var isPoisson = false
  var warmUp = 2.0
  var path = ""
  var url = ""
  var caFile: String?
  /// nil: HTTP/1.1.
  var streams: Int?
  var threads = 1
  var runs = 1000
  var usesLibpq = false
  var root = ""
  var arms = FalseAlarmArm.same.rawValue
  var comparisons = 40
  var pairs = 8
  var seed: UInt64 = 1

  init?(_ words: some Sequence<String>) {
    var words = words.makeIterator()
    while let word = words.next() {
      if word == "--libpq" {
        usesLibpq = true
        continue
      }
      if word == "--exponential" {
        isExponential = true
        continue
      }
      if word == "--poisson" {
        isPoisson = true
        continue
      }
      guard let value = words.next() else { return nil }
      let number = Double(value).flatMap { $0 > 0 && $0 < 1e12 ? $0 : nil }
      switch (word, number) {
      case ("--conninfo", _): conninfo = value
      case ("--path", _): path = value
      case ("--url", _): url = value
      case ("--ca-file", _): caFile = value
      case ("--streams", let number?): streams = Int(number)
      case ("--threads", let number?): threads = Int(number)
      case ("--runs", let number?): runs = Int(number)
      case ("--connections", let number?): connections = Int(number)
      case ("--transactions", let number?): transactions = Int(number)
      case ("--seconds", let number?): seconds = number
      case ("--scale", let number?): scale = Int(number)
      case ("--users", let number?): users = Int(number)
      case ("--think", let number?): think = number
      case ("--rate", let number?): rate = number
      case ("--warm-up", let number?): warmUp = number
      case ("--values", let number?): values = Int(number)
      case ("--root", _): root = value
      case ("--arms", _): arms = value
      case ("--comparisons", let number?): comparisons = Int(number)
      case ("--pairs", let number?): pairs = Int(number)
      case ("--seed", let number?): seed = UInt64(number)
      default: return nil
      }
    }
  }
}

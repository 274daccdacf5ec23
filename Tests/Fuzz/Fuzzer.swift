import Configuration
import Glibc

/// The number of the input at work, for the handlers of signals.
private nonisolated(unsafe) var current = 0

/// The loop over all inputs, with its limits.
struct Fuzzer {
  private let generators: [Generator]
  private let inputs: Int
  private let seconds: Double
  private let seed: UInt64
  private let only: Int?
  /// The corpus as it is, to measure what reading takes.
  private let isSound: Bool
  private let here = Array("auth_type = any\n".utf8)
  /// Of one input, in seconds of the processor; more is a hang.
  private static let longest = 2.0
  private static let mostMegabytes = 500

  init(corpus: String, inputs: Int, seconds: Int, seed: Int, only: Int?, isSound: Bool) {
    self.inputs = inputs
    self.seconds = Double(seconds)
    self.seed = UInt64(bitPattern: Int64(seed))
    self.only = only
    self.isSound = isSound
    generators = FuzzedReader.all.map { reader in
      let files = Self.files(in: "\(corpus)/\(reader.folder)", ending: reader.ending)
      guard !files.isEmpty else { Self.fail("there is no corpus for \(reader.name) in \(corpus)") }
      // The corpus has the mark itself, also where it is no password.
      let unmarked = files.map { Array(String(decoding: $0, as: UTF8.self).replacing("SESAME", with: "x").utf8) }
      return Generator(reader: reader, corpus: unmarked)
    }
  }

  static func reportSignals() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] {
      signal(number) { number in
        Fuzzer.report(number)
        _exit(1)
      }
    }
  }

  func run() {
    let start = Self.now()
    var slowest = (seconds: 0.0, number: 0)
    var bytes = 0
    var count = 0
    var reading = 0.0
    for number in 0..<inputs where only == nil || only == number {
      current = number
      if number % 64 == 0 || only != nil {
        if Self.now() > start + seconds { break }
        // All of these together have ten seconds: one that hangs ends the program.
        alarm(10)
      }
      let (length, seconds) = read(number)
      bytes += length
      count += 1
      reading += seconds
      if seconds > slowest.seconds { slowest = (seconds, number) }
      if seconds > Self.longest { Self.fail("input \(number) takes \(seconds) s") }
    }
    alarm(0)
    let taken = Self.now() - start
    let megabytes = Self.maximumMemory()
    print(
      "\(count) inputs, \(bytes >> 20) MB, in \(Self.rounded(taken)) s: \(Int(Double(count) / taken)) inputs a second, reading \(Self.rounded(reading * 1000)) ms, "
        + "slowest \(Self.rounded(slowest.seconds * 1000)) ms (input \(slowest.number)), at most \(megabytes) MB of memory, "
        + "seed \(seed)")
    if megabytes > Self.mostMegabytes { Self.fail("that is too much memory") }
  }

  /// One input: its length, and what the reading took.
  private func read(_ number: Int) -> (Int, Double) {
    let generator = generators[number % generators.count]
    var random = Generator.Random(seed &* 0x2545_F491_4F6C_DD1D ^ UInt64(number))
    let isSecret = random.below(8) == 0
    let input =
      isSound
      ? generator.corpus[number / generators.count % generator.corpus.count]
      : isSecret ? generator.secret(&random) : generator.input(&random)
    // A file that names itself, or one beside it, gets an answer.
    let others: (String) -> [UInt8]? = { $0.hasSuffix("here.ini") ? here : $0.hasSuffix("itself.conf") ? input : nil }
    let path = generator.reader.name == "postgresql.conf" ? "postgresql.conf" : "input"
    let start = Self.now(CLOCK_PROCESS_CPUTIME_ID)
    let file = generator.reader.read(input, path, others)
    let seconds = Self.now(CLOCK_PROCESS_CPUTIME_ID) - start
    if let violation = Invariants.violation(
      file, input, isYAML: generator.reader.isYAML, others: others)
    {
      Self.fail("input \(number): \(violation)")
    }
    if isSecret, !isSound, "\(file)".contains("SESAME") {
      Self.fail("input \(number) shows a password:\n\(Self.text(input))")
    }
    if number % 16 == 0, generator.reader.read(input, path, others) != file {
      Self.fail("input \(number) is read in two ways")
    }
    if only == number { print(Self.text(input), "\(file)", separator: "\n----\n") }
    return (input.count, seconds)
  }
}

extension Fuzzer {
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(20_000), as: UTF8.self) }

  static func fail(_ text: String) -> Never {
    let line = Array("Fuzz: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    exit(1)
  }

  /// Nothing here allocates: it runs in a signal's handler.
  static func report(_ signal: Int32) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
      var length = 0
      func put(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { buffer[length] = text.utf8Start[index]; length += 1 }
      }
      func put(_ number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
          buffer[length] = UInt8(48 + number / divisor % 10)
          length += 1
          divisor /= 10
        }
      }
      put("Fuzz: signal ")
      put(Int(signal))
      put(" at input ")
      put(current)
      put("\n")
      write(2, buffer.baseAddress, length)
    }
  }

  /// Seconds; the reading itself is measured by the processor's clock, so that a busy machine does not count.
  static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  static func maximumMemory() -> Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
  }

  static func files(in folder: String, ending: String) -> [[UInt8]] {
    guard let open = opendir(folder) else { return [] }
    defer { closedir(open) }
    var names: [String] = []
    while let entry = readdir(open) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.sorted().filter { $0.hasSuffix(ending) }.compactMap { contents(of: "\(folder)/\($0)") }
  }

  static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }
}

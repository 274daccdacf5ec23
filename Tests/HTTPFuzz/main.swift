import Glibc
import HTTP

// Gives the response parser, and a connection that uses it, broken responses, whole and cut at random; ends with 1 when one crashes,
// takes too long or too much memory, or is read otherwise when it comes in other pieces.
// usage: HTTPFuzz [--inputs N] [--seed N] [--only N]

var options: [String: Int] = [:]
var words = Array(CommandLine.arguments.dropFirst())
while words.count >= 2, ["--inputs", "--seed", "--only"].contains(words[0]), let number = Int(words[1]) {
  options[words[0]] = number
  words.removeFirst(2)
}
guard words.isEmpty else { fail("usage: HTTPFuzz [--inputs N] [--seed N] [--only N]") }
let inputs = options["--inputs"] ?? 1_000_000
let seed = UInt64(bitPattern: Int64(options["--seed"] ?? 1))

for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] {
  signal(number) { number in fail("signal \(number)") }
}

let fuzzer = try ResponseFuzzer(seed: seed, only: options["--only"])
var ends: [String: Int] = [:]
for number in 0..<inputs where options["--only"] == nil || options["--only"] == number {
  current = number
  // All of these together have ten seconds: one that hangs ends the program.
  if number % 64 == 0 || options["--only"] != nil { alarm(10) }
  ends[fuzzer.check(number), default: 0] += 1
}
alarm(0)
var usage = rusage()
getrusage(RUSAGE_SELF.rawValue, &usage)
let counts = ends.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
print("\(inputs) inputs, at most \(usage.ru_maxrss / 1024) MB of memory, seed \(seed): \(counts)")
if usage.ru_maxrss > 100 * 1024 { fail("that is too much memory") }

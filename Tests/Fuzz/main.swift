import Glibc

// Gives every reader inputs made of a corpus, and ends with 1 when one crashes it, takes too long, takes too much memory or
// breaks what must always hold. usage: Fuzz CORPUS [--inputs N] [--seconds N] [--seed N] [--only N] [--sound 1]

let usage = "usage: Fuzz CORPUS [--inputs N] [--seconds N] [--seed N] [--only N] [--sound 1]"
var options: [String: Int] = [:]
var words = Array(CommandLine.arguments.dropFirst())
guard !words.isEmpty else { Fuzzer.fail(usage) }
let corpus = words.removeFirst()
while words.count >= 2, ["--inputs", "--seconds", "--seed", "--only", "--sound"].contains(words[0]),
  let number = Int(words[1])
{
  options[words[0]] = number
  words.removeFirst(2)
}
guard words.isEmpty else { Fuzzer.fail(usage) }
Fuzzer.reportSignals()
Fuzzer(
  corpus: corpus, inputs: options["--inputs"] ?? 1_000_000, seconds: options["--seconds"] ?? 3_600,
  seed: options["--seed"] ?? 1, only: options["--only"], isSound: options["--sound"] == 1
).run()

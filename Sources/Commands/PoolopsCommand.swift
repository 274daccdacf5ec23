import Arguments
import Model

/// A command that acts in a world and says how it ended.
protocol PoolopsCommand: ParsableCommand {
  var options: GlobalOptions { get }
  func run(in world: World) throws(Failure) -> ExitStatus
}

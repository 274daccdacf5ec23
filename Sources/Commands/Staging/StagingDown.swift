import Arguments
import Model
import Staging

struct StagingDown: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "Stop the embedded staging; its data stays.",
    discussion: "Where it is down already, nothing is done.")
  @Flag(help: "Remove its files too; the env file of the built-in pool stays.") var remove = false
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let cluster = EmbeddedCluster(root: try Project(world, options).root)
    do throws(StagingError) {
      if remove { try cluster.remove() } else { try cluster.down() }
    } catch {
      throw error.failure
    }
    if !options.quiet { world.note("The embedded staging is down\(remove ? " and removed" : "").") }
    return .go
  }
}

import Arguments
import Model
import Postgres
import Report
import Staging

struct StagingUnmark: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmark", abstract: "Take the staging mark off a database: poolops refuses it from then on.",
    discussion: "As its owner or as a superuser. Where there is no mark, nothing is done.")
  @OptionGroup var place: MarkedDatabase
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let (session, found) = try place.open(world, try Project(world, options))
    var wasMarked = false
    do throws(PostgresError) {
      wasMarked = try StagingMark.name(in: session) != nil
      if wasMarked { try session.execute(StagingMark.removal(database: found)) }
    } catch {
      throw refused(error, found)
    }
    if options.json {
      let result: JSONValue = ["database": .string(found), "changed": .bool(wasMarked)]
      world.output(result.text)
    } else {
      world.output(
        "The database '\(found)' of \(place.variable) \(wasMarked ? "is no staging any more" : "bore no mark").\n")
    }
    return .go
  }

  private func refused(_ error: PostgresError, _ found: String) -> Failure {
    guard error.sqlState == "42501" else { return StagingError(error, target: place.variable).failure }
    return Failure(
      .badConfiguration, "the role of \(place.variable) may not take the mark off: \(error.message)",
      hint: "Let its owner or a superuser type: \(StagingMark.removal(database: found))")
  }
}

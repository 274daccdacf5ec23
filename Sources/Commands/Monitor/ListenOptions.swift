import Arguments
import Exporter

/// Where metrics are served, and to whom.
struct ListenOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Serve metrics for Prometheus there; a port alone means 127.0.0.1.", valueName: "address:port"))
  var listen: String?
  @Option(
    help: ArgumentHelp(
      "A file with the token that scrapers have to show; needed where others can ask.", valueName: "file"))
  var tokenFile: String?

  init() {}

  func validate() throws {
    guard let listen else {
      if tokenFile != nil { throw ValidationError("'--token-file' is of '--listen': give both, or none.") }
      return
    }
    let address: ListenAddress
    do throws(ExporterFault) { address = try ListenAddress(listen) } catch {
      throw ValidationError("The value for '--listen' is invalid: \(error.message).")
    }
    if tokenFile == nil, !address.isLoopback {
      throw ValidationError(
        "Others can ask at \(address.text): give '--token-file' with a token that they have to show, or listen on 127.0.0.1."
      )
    }
  }
}

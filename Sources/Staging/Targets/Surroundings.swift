import Configuration
import Model
import Postgres

/// What targets take from outside: so that nothing of it is looked up in secret.
package struct TargetSurroundings: Sendable {
  /// The project's folder: paths and programs of an experiment are taken from it.
  package var root: String
  /// The environment of poolops, for URLs in variables and for the programs of targets.
  package var variables: [String: String]
  package var fetch: any Fetching
  package var production: ProductionList
  /// The staging's own connection, for a target that has none of its own; asked when it is needed.
  package var staging: StagingConnection?

  package typealias StagingConnection = @Sendable () throws(StagingError) -> ConnectionInfo

  package init(
    root: String, variables: [String: String], fetch: any Fetching, production: ProductionList = ProductionList(),
    staging: StagingConnection? = nil
  ) {
    self.root = root
    self.variables = variables
    self.fetch = fetch
    self.production = production
    self.staging = staging
  }

  /// A path of the experiment file.
  package func path(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }

  /// The connection of a URL in an environment variable. Its text is never part of an error.
  func connection(fromVariable variable: String) throws(StagingError) -> ConnectionInfo {
    try StagingGuard.connection(fromVariable: variable, in: variables)
  }

  /// The environment of the programs of targets: the user's own, without what holds a secret. A program that needs one
  /// reads it where the app does.
  package var harmlessVariables: [String: String] {
    variables.filter { name, value in
      !Redaction.isSecret(name) && Redaction.text(value) == value
    }
  }
}

/// Asks an app over HTTP.
package protocol Fetching: Sendable {
  /// The status and body of a GET; no redirect is followed.
  func get(_ url: String, within limit: Duration) throws(FetchFault) -> FetchedAnswer
  /// The text of the value at a place of an answer's body; nil when there is none.
  func value(at place: GaugePlace, in body: String) -> String?
}

package struct FetchedAnswer: Hashable, Sendable {
  package var status: Int
  package var body: String
  package init(status: Int, body: String) {
    self.status = status
    self.body = body
  }
}

package struct FetchFault: Error, Hashable, Sendable {
  package enum Code: String, Hashable, Sendable {
    /// No connection was made.
    case refused
    /// A connection was made, and no whole answer came in time.
    case hangs
    /// Something else: a name that is not known, an answer that is no HTTP.
    case other
  }
  package var code: Code
  package var reason: String
  package init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}

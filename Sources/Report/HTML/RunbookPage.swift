/// `poolops runbook render --html`: a runbook as one page, in the style of the reports.
package struct RunbookPage: Sendable {
  private let title: String
  private let body: HTML

  /// - Parameters:
  ///   - title: of the browser's tab.
  ///   - body: what the Markdown became, its first heading included.
  package init(title: String, body: HTML) {
    self.title = title
    self.body = body
  }

  package var text: String {
    HTMLPage(
      title: title, heading: nil, body: [body],
      footer: "Made from a runbook: figures come from recorded runs, the rest was written by people."
    ).text
  }
}

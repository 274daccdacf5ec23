internal import HTTP
internal import Model

/// The requests of a load as the room HTTP takes them, with the values of the environment's variables in their headers.
struct HTTPTemplates: Sendable {
  let base: HTTPBase
  private let templates: [HTTPRequestTemplate]
  private let headers: [HTTPRequestTemplate.Header]

  /// - Parameter environment: for headers whose value is in a variable. One that is not set is told by its name.
  init(_ load: LoadSpec, _ http: HTTPLoadSpec, environment: (String) -> String?) throws(LoadError) {
    do throws(HTTPFault) {
      base = try HTTPBase(http.base)
    } catch {
      throw LoadError(ConnectFault(error))
    }
    var missing: [String] = []
    func header(_ header: HTTPHeader, _ names: [String]) -> HTTPRequestTemplate.Header {
      switch header.value {
      case .text(let text):
        return .init(name: header.name, value: pieces(text, opening: "{", closing: "}", names))
      case .environment(let variable):
        let value = environment(variable)
        if value == nil { missing.append(variable) }
        return .init(header.name, value ?? "")
      }
    }
    headers = http.headers.map { header($0, []) }
    templates = load.transactions.compactMap { transaction -> HTTPRequestTemplate? in
      guard case .http(let request) = transaction.work else { return nil }
      let names = transaction.parameters.map(\.name)
      return HTTPRequestTemplate(
        method: request.method, path: pieces(request.path, opening: "{", closing: "}", names),
        headers: request.headers.map { header($0, names) },
        body: request.body.map { pieces($0, opening: "{{", closing: "}}", names) }, slots: names.count,
        statuses: request.statuses, bodyContains: request.bodyContains,
        captures: transaction.captures.compactMap(HTTPRequestTemplate.Capture.init))
    }
    guard let variable = missing.first else { return }
    throw LoadError(
      code: .variableMissing,
      message: "the environment variable \(variable), whose value a header is to have, is not set")
  }

  func requests() throws(ConnectFault) -> HTTPRequests {
    do throws(HTTPFault) {
      return try HTTPRequests(templates, host: base.hostHeader, userAgent: "poolops", headers: headers)
    } catch {
      throw ConnectFault(error)
    }
  }
}

/// `/orders/{id}` as its pieces; braces around a word that is no parameter are text.
private func pieces(
  _ text: String, opening: String, closing: String, _ names: [String]
) -> [HTTPRequestTemplate.Piece] {
  var pieces: [HTTPRequestTemplate.Piece] = []
  var plain = ""
  var rest = text[...]
  while !rest.isEmpty {
    let slot = names.firstIndex { rest.hasPrefix("\(opening)\($0)\(closing)") }
    guard let slot else {
      plain.append(rest.removeFirst())
      continue
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    plain = ""
    pieces.append(.slot(slot))
    rest = rest.dropFirst(opening.count + names[slot].count + closing.count)
  }
  return plain.isEmpty ? pieces : pieces + [.text(plain)]
}

extension HTTPRequestTemplate.Capture {
  /// Nil for a column, which an answer over HTTP has not, and for a place that is none.
  fileprivate init?(_ capture: Capture) {
    switch capture.source {
    case .column: return nil
    case .header(let name): self = .header(name)
    case .json(let text):
      guard let capture = JSONPlace(text).flatMap(JSONCapture.init) else { return nil }
      self = .json(capture)
    }
  }
}

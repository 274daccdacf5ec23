import Configuration

/// A pooler or a server that lets anybody in who reaches it.
struct TrustAll: AuditCheck {
  let rule = AuditRule(
    "trust-all", "Nobody gets in without a password from everywhere", .critical,
    why: """
      With auth_type any or trust PgBouncer asks for no password, and listen_addr * takes connections from every address (PgBouncer \
      documentation, config). POSTGRES_HOST_AUTH_METHOD=trust does the same to the server in the official image, and its own page warns \
      against it.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pgBouncers.compactMap { pooler($0, landscape) } + servers(landscape)
  }

  private func pooler(_ pooler: PoolerUse, _ landscape: Landscape) -> Finding? {
    guard let type = pooler.setting("auth_type"), ["any", "trust"].contains(type.text.lowercased()),
      let address = pooler.setting("listen_addr"), isEverywhere(address.text)
    else { return nil }
    return Finding(
      rule, at: type.place,
      "\(pooler.name) asks nobody for a password (auth_type \(type.text)) and listens on every address (listen_addr \(address.text))",
      fix: landscape.fix(type, to: "scram-sha-256"), related: [.init(address.place, "listen_addr \(address.text)")])
  }

  private func isEverywhere(_ addresses: String) -> Bool {
    addresses.split(whereSeparator: { $0 == "," || $0 == " " }).contains { ["*", "0.0.0.0", "::"].contains($0) }
  }

  private func servers(_ landscape: Landscape) -> [Finding] {
    let settings =
      landscape.servers.flatMap(\.server.settings)
      + landscape.files.flatMap(\.applications).flatMap(\.settings)
    return settings.filter { $0.name == "POSTGRES_HOST_AUTH_METHOD" && $0.text.lowercased() == "trust" }.map {
      Finding(
        rule, at: $0.place,
        "POSTGRES_HOST_AUTH_METHOD=trust lets everybody in who reaches the server, without a password",
        fix: landscape.fix($0, to: "scram-sha-256"))
    }
  }
}

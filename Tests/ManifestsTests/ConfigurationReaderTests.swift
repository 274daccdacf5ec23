import Configuration
import Testing

@testable import Manifests

@Suite struct ConfigurationReaderTests {
  private static let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"

  /// The format, or nil.
  private static func format(_ path: String, _ text: String, named: Bool = false) -> ConfigurationFile.Format? {
    let outcome = ConfigurationReader.read(Array(text.utf8), path: path, others: { _ in nil }, named: named)
    if case .read(let file) = outcome { return file.format }
    return nil
  }

  @Test(
    arguments: [
      (".env", "A=1", .environment), ("deploy/.env.production", "A=1", .environment), ("web.env", "A=1", .environment),
      (".env.example", "A=1", nil), (".env.sample", "A=1", nil), ("prod.env.template", "A=1", nil),
      ("pgbouncer.ini", "[pgbouncer]\n", .pgBouncer), ("pgbouncer-prod.ini", "", .pgBouncer),
      ("pool.ini", "; x\n[pgbouncer]\n", .pgBouncer), ("setup.ini", "[tool]\n", nil),
      ("postgresql.conf", "", .postgreSQL), ("postgresql.auto.conf", "", .postgreSQL), ("nginx.conf", "", nil),
      ("application.yml", "a: 1", .spring), ("src/application-prod.yaml", "a: 1", .spring),
      ("my.yml", "spring:\n  a: 1\n", .spring),
      ("docker-compose.yml", "a: 1", .compose), ("compose.prod.yaml", "a: 1", .compose),
      ("stack.yml", "services:\n  a: {image: b}\n", .compose), ("other.yml", "services:\n  - name: a\n", nil),
      ("web.yaml", deployment, .kubernetes), ("web.yaml", "kind: x\n", nil),
      ("crd.yaml", "apiVersion: v1\nkind: CustomResourceDefinition\n", nil),
      ("web.json.yaml", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}", .kubernetes),
      ("kustomization.yaml", "resources: []\n", .kubernetes), ("values.yaml", "replicas: 3\n", nil),
      ("values-prod.yaml", "replicas: 3\n", nil), (".github/workflows/ci.yml", "on: push\njobs: {}\n", nil),
      ("main.py", "A=1", nil), ("README.md", "", nil),
    ] as [(String, String, ConfigurationFile.Format?)])
  func `the reader is chosen by name, or by content`(
    path: String, text: String, expected: ConfigurationFile.Format?
  ) {
    #expect(Self.format(path, text) == expected)
    if expected != nil { #expect(ConfigurationReader.isRecognised(path)) }
  }

  @Test(
    arguments: [
      (".env.example", "A=1", .environment), ("settings", "A=1\nexport B=2\n", .environment),
      ("url.txt", "postgresql://a@b/c\n", .connection), ("custom.conf", "max_connections = 10\n", .postgreSQL),
      ("pool", "[pgbouncer]\n", .pgBouncer), ("web", deployment, .kubernetes), ("notes.txt", "just words\n", nil),
      ("values.yaml", "replicas: 3\n", nil), ("nginx.conf", "worker_processes 4;\n", nil), ("empty", "", nil),
    ] as [(String, String, ConfigurationFile.Format?)])
  func `a file that the person named is read by what stands in it`(
    path: String, text: String, expected: ConfigurationFile.Format?
  ) {
    #expect(Self.format(path, text, named: true) == expected)
  }

  @Test func `every refusal has a reason`() {
    for (path, text) in [("values.yaml", ""), ("x.ini", ""), ("x.yml", ""), ("x.txt", ""), (".env.sample", "")] {
      guard case .passedOver(let reason) = ConfigurationReader.read(Array(text.utf8), path: path, others: { _ in nil })
      else {
        Issue.record("\(path) was read")
        continue
      }
      #expect(reason.count > 10 && !reason.hasSuffix("."))
    }
  }

  @Test(
    arguments: [
      ("postgres", .server, nil), ("postgres:16-alpine", .server, "16"),
      ("docker.io/library/postgres:9.6.24", .server, "9.6"),
      ("bitnami/postgresql:15.4.0-debian-11-r1", .server, "15"), ("postgres@sha256:1234", .server, nil),
      ("postgis/postgis:16-3.4", .server, "16"), ("timescale/timescaledb-ha:pg15.4-ts2.12", .server, "15"),
      ("timescale/timescaledb:2.14.2-pg16", .server, "16"), ("pgvector/pgvector:0.7.0-pg17", .server, "17"),
      ("localhost:5000/postgres:17.1", .server, "17"), ("postgres:latest", .server, nil),
      ("quay.io/prometheuscommunity/postgres-exporter:v0.15", .other, nil), ("dpage/pgadmin4", .other, nil),
      ("edoburu/pgbouncer:1.22", .pgBouncer, nil), ("my-pgbouncer", .pgBouncer, nil),
      ("pgbouncer-exporter:1", .other, nil),
      ("ghcr.io/postgresml/pgcat:main", .pgCat, nil), ("odyssey", .odyssey, nil), ("", .other, nil), (":", .other, nil),
    ] as [(String, Image.Role, String?)])
  func `an image says what runs in it`(name: String, role: Image.Role, version: String?) {
    let image = Image(name)
    #expect(image.role == role && image.version == version)
  }
}

import System

/// Authorities and certificates for 127.0.0.1 and localhost, made once for a process and removed when it ends.
package final class TestCertificates: Sendable {
  /// What a server may show.
  package enum Name: String, CaseIterable, Sendable {
    case server
    /// Signed by an authority that nobody here trusts.
    case stranger
    /// Its last day was yesterday.
    case expired
    /// Of another host.
    case misnamed
  }

  package struct NotMade: Error {
    package var log: String
  }

  package var folder: String { home.path }
  private let home: TemporaryFolder

  private init() throws {
    home = TemporaryFolder()
    _ = try Reaper("rm -rf -- \"$1\"", [home.path])
    let ending = try Program(
      ["/bin/sh", "-c", Self.script], variables: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"], folder: home.path
    ).run(within: .seconds(30))
    guard ending.status == 0 else { throw NotMade(log: ending.output) }
  }

  private static let made = Result { try TestCertificates() }

  package static func shared() throws -> TestCertificates { try made.get() }

  /// The authority that has signed all but the stranger's.
  package var caFile: String { "\(folder)/ca.pem" }

  /// An authority that has signed the stranger's alone.
  package var otherCAFile: String { "\(folder)/other.pem" }

  private static let script = """
    set -e
    key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1.key"; }
    authority() {
      key "$1"
      openssl req -x509 -key "$1.key" -days 2 -subj "/CN=$1" -out "$1.pem"
    }
    # name, authority, days, names of the host
    certificate() {
      key "$1"
      openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
      echo "subjectAltName=$4" >names
      openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile names -out "$1.pem"
    }
    authority ca
    authority other
    here=IP:127.0.0.1,DNS:localhost
    certificate server ca 2 $here
    certificate stranger other 2 $here
    certificate expired ca -1 $here
    certificate misnamed ca 2 DNS:elsewhere.example
    chmod a+r ./*
    """
}

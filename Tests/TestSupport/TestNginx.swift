import Glibc
import System

/// A real nginx on 127.0.0.1, in the clear and with TLS and HTTP/2.
package final class TestNginx: Sendable {
  package let port: Int
  package let securePort: Int
  /// TLS without HTTP/2.
  package let olderSecurePort: Int
  /// TLS and HTTP/2; takes leave of each connection after twenty requests, and carries three at a time.
  package let leavingPort: Int
  private let certificates: TestCertificates
  private let process: TestProcess

  /// `http://127.0.0.1:port`.
  package var base: String { "http://127.0.0.1:\(port)" }

  package var leavingBase: String { "https://127.0.0.1:\(leavingPort)" }

  /// Its certificate is of `caFile`, for 127.0.0.1 and localhost.
  package var secureBase: String { "https://127.0.0.1:\(securePort)" }

  package var caFile: String { certificates.caFile }

  /// An authority that has signed nothing here.
  package var otherCAFile: String { certificates.otherCAFile }

  /// Some answers that tests need.
  package static let locations = """
    location = / { default_type text/plain; return 200 'hello'; }
    location = /json { default_type application/json; return 200 '{"order": {"id": 17, "items": [{"sku": "a-1"}]}}'; }
    location /echo { default_type text/plain; return 200 '$request_method $request_uri $http_x_id'; }
    location /post/ { proxy_pass http://127.0.0.1:%PORT%/echo/; proxy_set_header Host $http_host; }
    location = /busy { return 503; }
    location = /moved { return 302 /; }
    location = /close { keepalive_timeout 0; default_type text/plain; return 200 'bye'; }
    location = /short { keepalive_timeout 100ms; default_type text/plain; return 200 'soon'; }
    location = /page { ssi on; ssi_types *; default_type text/html; alias %FOLDER%/page; }
    location = /large { alias %FOLDER%/large; }
    location = /status { stub_status; }
    location = /slow { limit_rate 1k; alias %FOLDER%/large; }
    """

  /// Starts it, and returns when it answers.
  /// - Parameter locations: of all servers; `%FOLDER%` stands for the folder's path, and `%PORT%` for the port in the clear.
  package init(_ locations: String = locations) throws {
    let ports = try Loopback.freePorts(4)
    (port, securePort, olderSecurePort, leavingPort) = (ports[0], ports[1], ports[2], ports[3])
    certificates = try .shared()
    let home = TemporaryFolder()
    try home.write("<p>a page</p>\n", to: "page")
    try home.write(String(repeating: "x", count: 3_000_000), to: "large")
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path %FOLDER%/\($0);" }
    let text = """
      daemon off; worker_processes 1; pid %FOLDER%/pid; error_log stderr;
      events { worker_connections 512; }
      http {
        access_log off; keepalive_requests 1000000; \(paths.joined(separator: " "))
        server { listen 127.0.0.1:\(port); \(locations) }
        ssl_certificate \(certificates.folder)/server.pem; ssl_certificate_key \(certificates.folder)/server.key;
        server { listen 127.0.0.1:\(securePort) ssl http2; \(locations) }
        server { listen 127.0.0.1:\(olderSecurePort) ssl; \(locations) }
        server {
          listen 127.0.0.1:\(leavingPort) ssl http2; keepalive_requests 20; http2_max_concurrent_streams 3; \(locations)
        }
      }
      """
    try home.write(
      text.replacing("%FOLDER%", with: home.path).replacing("%PORT%", with: "\(port)"), to: "nginx.conf")
    let url = "http://127.0.0.1:\(port)/"
    process = try TestProcess(["/usr/sbin/nginx", "-e", "stderr", "-c", "\(home.path)/nginx.conf"], in: home) { _ in
      // All its ports are open before it answers at one.
      (try? TestFetcher().get(url, within: .seconds(1))) != nil
    }
  }

  /// Those that worked so far finish what they have begun, and take leave of their connections.
  package func reload() { process.signal(SIGHUP) }

  /// Its workers stop in the midst, and go on.
  package func freeze() { for pid in workers { kill(pid, SIGSTOP) } }
  package func thaw() { for pid in workers { kill(pid, SIGCONT) } }

  private var workers: [pid_t] {
    let children = FileSystem.text(of: "/proc/\(process.pid)/task/\(process.pid)/children") ?? ""
    return children.split(separator: " ").compactMap { pid_t($0) }
  }
}

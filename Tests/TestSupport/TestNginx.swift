import CPlatform
import Glibc

/// A real nginx on 127.0.0.1, in the clear and with TLS and HTTP/2, stopped and removed with the last reference or when the process
/// ends, however it ends.
package final class TestNginx: Sendable {
  /// It ended before it answered: its log says why.
  package struct NotStarted: Error, CustomStringConvertible {
    package var log: String
    package var description: String { "nginx did not start:\n\(log)" }
  }

  package let folder: String
  package let port: Int
  package let securePort: Int
  /// TLS without HTTP/2.
  package let olderSecurePort: Int
  /// TLS and HTTP/2; takes leave of each connection after twenty requests, and carries three at a time.
  package let leavingPort: Int
  private let certificates: TestCertificates
  private let ends: [Int32]

  package static let program = "/usr/sbin/nginx"

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
  /// - Parameter locations: of both servers; `%FOLDER%` stands for the folder's path.
  package init(_ locations: String = locations) throws {
    certificates = try .shared()
    var template = Array("/tmp/poolops-nginx-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw NotStarted(log: "mkdtemp: \(errno)") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(folder, 0o777)
    let ports = Self.freePorts(4)
    (port, securePort, olderSecurePort, leavingPort) = (ports[0], ports[1], ports[2], ports[3])
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { [folder] in
      "\($0)_temp_path \(folder)/\($0);"
    }
    let text = """
      daemon off; worker_processes 1; pid \(folder)/pid; error_log \(folder)/error.log;
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
    try Self.write(
      text.replacing("%FOLDER%", with: folder).replacing("%PORT%", with: "\(port)"), to: "\(folder)/nginx.conf")
    ends = Self.start(folder)
    guard answers() else {
      close(ends[1])
      throw NotStarted(log: Self.text("\(folder)/log") + Self.text("\(folder)/error.log"))
    }
  }

  deinit { close(ends[1]) }

  /// Those that worked so far finish what they have begun, and take leave of their connections.
  package func reload() { if let pid = number("pid") { kill(pid, SIGHUP) } }

  /// Its workers stop in the midst, and go on.
  package func freeze() { for pid in workers { kill(pid, SIGSTOP) } }
  package func thaw() { for pid in workers { kill(pid, SIGCONT) } }

  private var workers: [pid_t] {
    guard let pid = number("pid") else { return [] }
    return Self.text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { pid_t($0) }
  }

  private func number(_ file: String) -> pid_t? { pid_t(Self.text("\(folder)/\(file)").prefix { $0.isNumber }) }

  /// A shell makes its pages and starts it, and stops it at the end of a pipe that only this process holds open: also after SIGKILL.
  private static let script = """
    exec 3<&0
    cd "$1" || exit
    {
      echo "<p>a page</p>" >page
      head -c 3000000 /dev/zero | tr '\\\\0' x >large
      chmod a+r page large
    } >log 2>&1
    as_user=
    if [ "$(id -u)" -eq 0 ]; then
      as_user="setpriv --reuid=$(id -u nobody) --regid=$(id -g nobody) --clear-groups"
    fi
    $as_user \(program) -e error.log -c "$1/nginx.conf" >>log 2>&1 &
    pid=$!
    (read -r _ <&3; kill -QUIT $pid; sleep 0.2; kill -9 $pid; rm -rf -- "$1") &
    exec 3<&-
    wait $pid
    : >ended
    """

  private static func start(_ folder: String) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return ends }
    for end in ends { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var pid: pid_t = 0
    let words = copies(["/bin/sh", "-c", script, "sh", folder])
    let variables = copies(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"])
    _ = poolops_spawn("/bin/sh", words, variables, ends[0], nowhere, nowhere, &pid)
    for copy in words + variables { free(copy) }
    close(ends[0])
    close(nowhere)
    return ends
  }

  private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] { words.map { strdup($0) } + [nil] }

  /// False when it ended, or did not answer for ten seconds.
  private func answers() -> Bool {
    for _ in 0..<500 {
      if Self.connects(port), Self.connects(securePort) { return true }
      if access("\(folder)/ended", F_OK) == 0 { return false }
      usleep(20_000)
    }
    return false
  }

  private static func connects(_ port: Int) -> Bool {
    withSocket(port) { descriptor, address, size in connect(descriptor, address, size) == 0 }
  }

  /// Nobody listens there now. Taken all at once, so that none is found twice.
  private static func freePorts(_ count: Int) -> [Int] {
    guard count > 0 else { return [] }
    var ports: [Int] = []
    _ = withSocket(0) { descriptor, address, size in
      var size = size
      guard bind(descriptor, address, size) == 0, getsockname(descriptor, address, &size) == 0 else { return false }
      ports = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        [Int(UInt16(bigEndian: $0.pointee.sin_port))]
      }
      ports += freePorts(count - 1)
      return true
    }
    return ports
  }

  private static func withSocket(
    _ port: Int, _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) -> Bool
  ) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw NotStarted(log: "\(path) cannot be written") }
    fputs(text, file)
    fclose(file)
    chmod(path, 0o644)
  }

  private static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

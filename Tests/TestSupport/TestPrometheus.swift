import CPlatform
import FoundationEssentials
import Glibc

/// A real Prometheus and Alertmanager on 127.0.0.1, and a webhook that hears of alerts. Stopped and removed with the last reference or
/// when the process ends, however it ends.
package final class TestPrometheus: Sendable {
  /// One of them did not become ready: their logs say why.
  package struct NotStarted: Error, CustomStringConvertible {
    package var log: String
    package var description: String { "Prometheus and Alertmanager did not start:\n\(log)" }
  }

  /// What Alertmanager posted to the webhook, as far as tests ask.
  package struct Notification: Decodable, Sendable {
    package struct Alert: Decodable, Sendable {
      /// `firing` or `resolved`.
      package var status: String
      package var labels: [String: String]
      package var annotations: [String: String]
    }
    package var alerts: [Alert]
  }

  package let port: Int
  private let folder: String
  private let pid: pid_t
  private let end: Int32

  /// Looks at 127.0.0.1:`port` and at the rules once a second. Returns when both are ready.
  /// - Parameter token: shown to the target.
  package init(scraping port: UInt16, token: String? = nil, rules: String) throws {
    var template = Array("/tmp/poolops-prometheus-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw NotStarted(log: "mkdtemp: \(errno)") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try Self.write(rules, to: "\(folder)/rules.yml")
    if let token { try Self.write(token, to: "\(folder)/token") }
    var output: Int32 = -1
    (pid, end, output) = Self.start(["/usr/bin/python3", "-c", Self.script, folder, "\(port)"])
    defer { close(output) }
    var digits = [UInt8](repeating: 0, count: 16)
    let count = read(output, &digits, digits.count)
    guard count > 0, let port = Int(String(decoding: digits[..<count].filter { $0 >= 48 }, as: UTF8.self)) else {
      close(end)
      throw NotStarted(log: Self.text("\(folder)/log"))
    }
    self.port = port
  }

  deinit {
    close(end)
    waitpid(pid, nil, 0)
  }

  private static func start(_ words: [String]) -> (pid_t, Int32, Int32) {
    var (input, output): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    precondition(pipe(&input) == 0 && pipe(&output) == 0, "no pipe can be made")
    for end in [input[1], output[0]] { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var child: pid_t = 0
    let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    _ = poolops_spawn(words[0], copies, [strdup("PATH=/usr/bin:/bin"), nil], input[0], output[1], nowhere, &child)
    for copy in copies { free(copy) }
    for end in [input[0], output[1], nowhere] { close(end) }
    return (child, input[1], output[0])
  }

  /// Alertmanager's.
  package var managerPort: Int { Int(Self.text("\(folder)/manager")) ?? 0 }

  /// What the webhook has heard so far, in order.
  package var notifications: [Notification] {
    Self.text("\(folder)/hook").split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Notification.self, from: Data($0.utf8))
    }
  }

  /// The first alert of this name that was heard of with this status; nil when none comes within the limit.
  package func alert(_ name: String, _ status: String, within limit: Duration) -> Notification.Alert? {
    let end = ContinuousClock.now + limit
    while true {
      let heard = notifications.flatMap(\.alerts)
      if let alert = heard.first(where: { $0.labels["alertname"] == name && $0.status == status }) { return alert }
      if ContinuousClock.now >= end { return nil }
      usleep(50_000)
    }
  }

  /// What both have written, for the message of a test that failed.
  package var log: String { Self.text("\(folder)/log") }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw NotStarted(log: "\(path) cannot be written") }
    fputs(text, file)
    fclose(file)
  }

  private static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Starts both on free ports, again where somebody else was quicker, and says Prometheus's; ends them when its input ends.
  private static let script = """
    import http.server, json, os, shutil, signal, socket, subprocess, sys, threading, time, urllib.request
    folder, target = sys.argv[1:3]
    log = open(folder + "/log", "ab", buffering=0)
    children = []
    def end(code):
        for child in children:
            child.kill()
            child.wait()
        if code == 0:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(code)
    signal.signal(signal.SIGTERM, lambda *_: end(0))
    def watch():
        sys.stdin.read()
        end(0)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with open(folder + "/hook", "a") as heard:
                heard.write(json.dumps(body) + "\\n")
            self.send_response(200)
            self.end_headers()
        def log_message(self, *_):
            pass
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    def free():
        with socket.create_server(("127.0.0.1", 0)) as door:
            return door.getsockname()[1]
    def ready(port):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1).status == 200
        except OSError:
            return False
    def start(command):
        for _ in range(5):
            port = free()
            child = subprocess.Popen(command(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
            children.append(child)
            until = time.monotonic() + 20
            while child.poll() is None and time.monotonic() < until:
                if ready(port):
                    return port
                time.sleep(0.05)
            child.kill()
        end(1)
    def write(name, tree):
        with open(f"{folder}/{name}", "w") as file:
            json.dump(tree, file)
    write("alertmanager.yml", {
        "route": {"receiver": "hook", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"},
        "receivers": [{"name": "hook", "webhook_configs": [
            {"url": f"http://127.0.0.1:{hook.server_port}/", "send_resolved": True}]}]})
    manager = start(lambda port: [
        "/usr/bin/prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=alertmanager",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="])
    with open(folder + "/manager", "w") as file:
        file.write(str(manager))
    job = {"job_name": "poolops", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
    if os.path.exists(folder + "/token"):
        job["authorization"] = {"credentials_file": "token"}
    write("prometheus.yml", {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"], "scrape_configs": [job],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]}})
    print(start(lambda port: [
        "/usr/bin/prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}"]), flush=True)
    watcher.join()
    """
}

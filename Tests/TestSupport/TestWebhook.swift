import FoundationEssentials

/// A webhook on 127.0.0.1 that keeps what is posted to it.
package final class TestWebhook: Sendable {
  package enum Manner: String {
    case good
    /// Answers with 503 the first two times.
    case fails
    /// Takes what is posted, and never answers.
    case hangs
  }

  package struct Post: Decodable, Sendable {
    /// What it was answered with.
    package var status: Int
    package var contentType: String
    package var body: String

    package func decoded<Value: Decodable>() -> Value? {
      try? JSONDecoder().decode(Value.self, from: Data(body.utf8))
    }
  }

  package let url: String
  private let home = TemporaryFolder()
  private let process: TestProcess

  /// - Parameter path: of its URL.
  package init(_ manner: Manner = .good, path: String = "/") throws {
    let port: Int
    (process, port) = try TestProcess.python(Self.script, ["\(home.path)/heard", manner.rawValue], in: home)
    url = "http://127.0.0.1:\(port)\(path)"
  }

  /// In order.
  package var heard: [Post] {
    home.text(of: "heard").split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Post.self, from: Data($0.utf8))
    }
  }

  private static let script = """
    import http.server, json, sys, time
    path, manner = sys.argv[1:]
    failures = [503, 503] if manner == "fails" else []
    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if manner == "hangs":
                time.sleep(3600)
            status = failures.pop() if failures else 200
            with open(path, "a") as heard:
                post = {"status": status, "contentType": self.headers["Content-Type"], "body": body}
                heard.write(json.dumps(post) + "\\n")
            self.send_response(status)
            self.end_headers()
        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    print("port", server.server_port, flush=True)
    server.serve_forever()
    """
}

import CPlatform
import Glibc

/// A TCP proxy on a loopback port of its own before a Unix socket; its process can be frozen, and then swallows what is sent.
/// Ends with the last reference, or with this process.
package final class TestProxy: Sendable {
  package let port: Int
  private let pid: pid_t
  private let end: Int32

  package init(before socket: String) throws {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    precondition(pipe(&input) == 0 && pipe(&output) == 0, "no pipe can be made")
    for end in [input[1], output[0]] { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var child: pid_t = 0
    let words = ["/usr/bin/python3", "-c", Self.script, socket]
    let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    _ = poolops_spawn(
      "/usr/bin/python3", copies, [strdup("PATH=/usr/bin:/bin"), nil], input[0], output[1], nowhere, &child)
    for copy in copies { free(copy) }
    for end in [input[0], output[1], nowhere] { close(end) }
    defer { close(output[0]) }
    pid = child
    end = input[1]
    var digits = [UInt8](repeating: 0, count: 16)
    let count = read(output[0], &digits, digits.count)
    struct NotStarted: Error {}
    guard count > 0, let port = Int(String(decoding: digits[..<count].filter { $0 >= 48 }, as: UTF8.self)) else {
      throw NotStarted()
    }
    self.port = port
  }

  deinit {
    close(end)
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  package func freeze() { kill(pid, SIGSTOP) }
  package func thaw() { kill(pid, SIGCONT) }

  private static let script = """
    import os, selectors, socket, sys, threading
    def end():
        sys.stdin.read()
        os._exit(0)
    threading.Thread(target=end, daemon=True).start()
    door = socket.create_server(("127.0.0.1", 0))
    print(door.getsockname()[1], flush=True)
    ears = selectors.DefaultSelector()
    ears.register(door, selectors.EVENT_READ, None)
    while True:
        for key, _ in ears.select():
            if key.data is None:
                near, _ = door.accept()
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect(sys.argv[1])
                except OSError:
                    near.close()
                    far.close()
                    continue
                ears.register(near, selectors.EVENT_READ, far)
                ears.register(far, selectors.EVENT_READ, near)
                continue
            try:
                data = key.fileobj.recv(65536)
                if data:
                    key.data.sendall(data)
                    continue
            except OSError:
                pass
            for side in (key.fileobj, key.data):
                try:
                    ears.unregister(side)
                except (KeyError, ValueError):
                    pass
                side.close()
    """
}

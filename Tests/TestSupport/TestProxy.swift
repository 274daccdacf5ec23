import Glibc

/// A TCP proxy on a loopback port of its own before a Unix socket; its process can be frozen, and then swallows what is sent.
package final class TestProxy: Sendable {
  package let port: Int
  private let process: TestProcess

  package init(before socket: String) throws { (process, port) = try TestProcess.python(Self.script, [socket]) }

  package func freeze() { process.signal(SIGSTOP) }
  package func thaw() { process.signal(SIGCONT) }

  private static let script = """
    import selectors, socket, sys
    door = socket.create_server(("127.0.0.1", 0))
    print("port", door.getsockname()[1], flush=True)
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

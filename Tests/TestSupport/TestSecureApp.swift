import CPlatform
import Glibc

/// A small app behind TLS that speaks HTTP/1.1 and HTTP/2 on a loopback port of its own, and misbehaves as it is told: `/` answers `hello`.
/// Its process can be frozen, killed, and started again on the same port. Ends with the last reference, or with this process.
package final class TestSecureApp: Sendable {
  package enum Manner: String, CaseIterable, Sendable {
    case well

    // Of connections: those that are open are closed, and new ones have this fault.
    /// Takes connections, and never answers the handshake.
    case deaf
    /// Does not speak HTTP/2.
    case older
    case stranger
    case expired
    case misnamed

    // Of requests.
    /// Reads, and never answers; closes when it behaves otherwise.
    case silent
    /// Answers one byte after the other, without an end.
    case dripping
    /// Answers what is not HTTP.
    case garbage
    /// Closes in the middle of its answer, without taking leave of TLS.
    case cut
    /// The same with RST.
    case torn
    /// Answers without a length, and closes in the midst without taking leave of TLS. Over HTTP/2 as `cut`.
    case truncated

    // Of HTTP/2; over HTTP/1.1 as `well`.
    /// RST_STREAM, INTERNAL_ERROR, in the middle of its answer.
    case resetting
    /// RST_STREAM, REFUSED_STREAM, before it has begun.
    case refusing
    /// Answers one request, takes leave (GOAWAY, NO_ERROR), and leaves what came after it.
    case leaving
    /// GOAWAY, ENHANCE_YOUR_CALM, in place of an answer.
    case dismissing
    /// One stream at a time, from the next request on.
    case narrow
  }

  package struct NotStarted: Error {}

  package let port: Int
  private let certificates: TestCertificates
  private let pid: pid_t
  private let orders: Int32
  private let acknowledgements: Int32

  /// - Parameter port: 0 for any that is free.
  package init(port wanted: Int = 0) throws {
    certificates = try .shared()
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    precondition(pipe(&input) == 0 && pipe(&output) == 0, "no pipe can be made")
    for end in [input[1], output[0]] { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var child: pid_t = 0
    let words = ["/usr/bin/python3", "-c", Self.script, certificates.folder, "\(wanted)"]
    let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    _ = poolops_spawn(
      "/usr/bin/python3", copies, [strdup("PATH=/usr/bin:/bin"), nil], input[0], output[1], nowhere, &child)
    for copy in copies { free(copy) }
    for end in [input[0], output[1], nowhere] { close(end) }
    (pid, orders, acknowledgements) = (child, input[1], output[0])
    guard let port = Self.line(acknowledgements).flatMap({ Int($0) }) else { throw NotStarted() }
    self.port = port
  }

  deinit {
    close(orders)
    close(acknowledgements)
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  package var base: String { "https://127.0.0.1:\(port)" }
  package var caFile: String { certificates.caFile }

  /// From now on; returns when it is so.
  package func behave(_ manner: Manner) {
    let order = manner.rawValue + "\n"
    _ = write(orders, order, order.utf8.count)
    _ = Self.line(acknowledgements)
  }

  package func freeze() { kill(pid, SIGSTOP) }
  package func thaw() { kill(pid, SIGCONT) }
  package func die() {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  private static func line(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self) : nil
  }

  private static let script = """
    import os, socket, ssl, struct, sys, threading, time
    import h2.config, h2.connection, h2.errors, h2.events, h2.settings
    folder, port = sys.argv[1], int(sys.argv[2])
    manner = "well"
    lock, links = threading.Lock(), set()

    def context(name, *protocols):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
        made.set_alpn_protocols(protocols)
        return made
    contexts = {name: context(name, "h2", "http/1.1") for name in ("stranger", "expired", "misnamed")}
    contexts["older"], ordinary = context("server", "http/1.1"), context("server", "h2", "http/1.1")

    class Over(Exception):
        pass

    def tear(link):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Over

    def cut(link):
        # Below TLS, so that nobody takes leave.
        socket.socket.shutdown(link, socket.SHUT_RDWR)
        raise Over

    def linger(link):
        while link.recv(65536):
            pass
        raise Over

    def serve1(link):
        heard = b""
        while True:
            while b"\\r\\n\\r\\n" not in heard:
                more = link.recv(65536)
                if not more:
                    return
                heard += more
            heard = heard.partition(b"\\r\\n\\r\\n")[2]
            head = b"HTTP/1.1 200 OK\\r\\n"
            if manner == "silent":
                linger(link)
            elif manner == "dripping":
                link.sendall(head + b"Content-Length: 1000000\\r\\n\\r\\n")
                while True:
                    link.sendall(b".")
                    time.sleep(0.02)
            elif manner == "garbage":
                link.sendall(b"SSH-2.0-OpenSSH\\r\\n")
                linger(link)
            elif manner in ("cut", "torn"):
                link.sendall(head + b"Content-Length: 1000\\r\\n\\r\\nhalf")
                cut(link) if manner == "cut" else tear(link)
            elif manner == "truncated":
                link.sendall(head + b"Connection: close\\r\\n\\r\\nhalf")
                cut(link)
            link.sendall(head + b"Content-Length: 5\\r\\n\\r\\nhello")

    def take_leave(link, speaker):
        link.sendall(speaker.data_to_send())
        socket.socket.shutdown(link, socket.SHUT_WR)
        # What is left unread would make the kernel send RST, and the last words be lost.
        link.settimeout(5)
        linger(link)

    def serve2(link):
        speaker = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        speaker.initiate_connection()
        link.sendall(speaker.data_to_send())
        link.settimeout(0.02)
        dripping, is_narrow = set(), False
        while True:
            try:
                heard = link.recv(65536)
                if not heard:
                    return
            except TimeoutError:
                heard = b""
                for stream in dripping if manner == "dripping" else ():
                    speaker.send_data(stream, b".")
            for event in speaker.receive_data(heard) if heard else ():
                if isinstance(event, h2.events.StreamReset):
                    dripping.discard(event.stream_id)
                if not isinstance(event, h2.events.RequestReceived):
                    continue
                if manner == "narrow" and not is_narrow:
                    is_narrow = True
                    speaker.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1})
                if manner == "dripping":
                    dripping.add(event.stream_id)
                answer2(link, speaker, event.stream_id)
            link.sendall(speaker.data_to_send())

    def answer2(link, speaker, stream):
        def begin(*fields):
            speaker.send_headers(stream, [(":status", "200"), *fields])
        codes = h2.errors.ErrorCodes
        if manner == "silent":
            return
        if manner == "dripping":
            begin()
        elif manner == "garbage":
            link.sendall(b"SSH-2.0-OpenSSH\\r\\n" * 10)
            linger(link)
        elif manner in ("cut", "torn", "truncated"):
            begin(("content-length", "1000"))
            speaker.send_data(stream, b"half")
            link.sendall(speaker.data_to_send())
            tear(link) if manner == "torn" else cut(link)
        elif manner == "resetting":
            begin()
            speaker.send_data(stream, b"half")
            speaker.reset_stream(stream, codes.INTERNAL_ERROR)
        elif manner == "refusing":
            speaker.reset_stream(stream, codes.REFUSED_STREAM)
        elif manner == "dismissing":
            speaker.close_connection(codes.ENHANCE_YOUR_CALM)
            take_leave(link, speaker)
        else:
            begin(("content-length", "5"))
            speaker.send_data(stream, b"hello", end_stream=True)
            if manner == "leaving":
                speaker.close_connection(last_stream_id=stream)
                take_leave(link, speaker)

    def serve(link):
        with lock:
            links.add(link)
        plain = link
        try:
            if manner == "deaf":
                linger(link)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = contexts.get(manner, ordinary).wrap_socket(link, server_side=True)
            with lock:
                links.add(link)
            serve2(link) if link.selected_alpn_protocol() == "h2" else serve1(link)
        except (Over, OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            with lock:
                links.difference_update((plain, link))
            link.close()

    def listen(door):
        while True:
            link, _ = door.accept()
            threading.Thread(target=serve, args=(link,), daemon=True).start()

    door = socket.create_server(("127.0.0.1", port), backlog=4096)
    threading.Thread(target=listen, args=(door,), daemon=True).start()
    print(door.getsockname()[1], flush=True)
    for order in sys.stdin:
        before, manner = manner, order.strip()
        if before == "silent" or {before, manner} & {"deaf", "older", "stranger", "expired", "misnamed"}:
            with lock:
                for link in links:
                    try:
                        socket.socket.shutdown(link, socket.SHUT_RDWR)
                    except OSError:
                        pass
        print("so", flush=True)
    os._exit(0)
    """
}

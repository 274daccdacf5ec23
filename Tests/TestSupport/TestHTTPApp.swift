import Glibc

/// A small HTTP/1.1 app on a loopback port of its own, whose process can be frozen, killed, restarted, and told to misbehave.
///
/// `/` answers `hello`; `/sleep/MS` after so many milliseconds; `/status/N` with that status; `POST /orders` with the JSON
/// `{"order": {"id": "o-N"}}` and a header `X-Token`; `GET /orders/o-N` with 200 where that order was made and `X-Token` fits, else 404;
/// `/close` answers and closes; `/garbage` is no HTTP; `/short` closes in the middle of its body; `/silent` never answers; `/drip` never ends.
package final class TestHTTPApp: Sendable {
  package let port: Int
  private let process: TestProcess

  /// - Parameter port: 0 for any that is free.
  package init(port: Int = 0) throws { (process, self.port) = try TestProcess.python(Self.script, ["\(port)"]) }

  package var base: String { "http://127.0.0.1:\(port)" }
  package func freeze() { process.signal(SIGSTOP) }
  package func thaw() { process.signal(SIGCONT) }
  package func die() { process.die() }
  /// From now on, and after the next call no more: `/` answers 503.
  package func toggleFailing() { process.signal(SIGUSR1) }
  /// The same: `/` answers garbage.
  package func toggleGarbage() { process.signal(SIGUSR2) }

  private static let script = """
    import asyncio, itertools, signal, sys
    mode = {"failing": False, "garbage": False}
    orders, numbers = {}, itertools.count(1)
    def answer(status, body, *headers):
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
        return ("\\r\\n".join(lines) + "\\r\\n\\r\\n").encode() + body
    async def serve(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\\r\\n\\r\\n")
                line, *fields = head.decode("latin-1").split("\\r\\n")
                method, path, _ = line.split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (f.partition(":") for f in fields if f)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                parts = path.split("/")[1:]
                if path == "/":
                    if mode["garbage"]:
                        writer.write(b"SSH-2.0-OpenSSH\\r\\n")
                        break
                    writer.write(answer(503, b"no") if mode["failing"] else answer(200, b"hello"))
                elif parts[0] == "sleep":
                    await asyncio.sleep(float(parts[1]) / 1000)
                    writer.write(answer(200, b"slept"))
                elif parts[0] == "status":
                    writer.write(answer(int(parts[1]), b"as asked"))
                elif method == "POST" and path == "/orders":
                    number = f"o-{next(numbers)}"
                    orders[number] = f"t {number}"
                    writer.write(answer(201, ('{"order": {"id": "%s"}}' % number).encode(), f"X-Token: t {number}"))
                elif parts[0] == "orders":
                    known = orders.get(parts[1]) == headers.get("x-token")
                    writer.write(answer(200, b"yes") if known else answer(404, b"no"))
                elif path == "/close":
                    writer.write(answer(200, b"bye", "Connection: close"))
                    break
                elif path == "/garbage":
                    writer.write(b"SSH-2.0-OpenSSH\\r\\n")
                    break
                elif path == "/short":
                    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nshort")
                    break
                elif path == "/silent":
                    await asyncio.sleep(600)
                elif path == "/drip":
                    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n")
                    while True:
                        writer.write(b".")
                        await writer.drain()
                        await asyncio.sleep(0.02)
                else:
                    writer.write(answer(404, b"no"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
    def toggle(word):
        mode[word] = not mode[word]
    async def main():
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, toggle, "failing")
        loop.add_signal_handler(signal.SIGUSR2, toggle, "garbage")
        server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()
    asyncio.run(main())
    """
}

/// Makes responses out of good ones: the same number gives the same bytes, for ever.
struct Responses {
  /// SplitMix64.
  struct Random {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }

    /// From 0 to below `limit`, which is above 0.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
  }

  private static let corpus: [[UInt8]] = [
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 28 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n00a\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 200\r\n\r\nuntil the end",
    "HTTP/1.1 204 No Content\r\nX: \r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    "HTTP/1.1 503 Service Unavailable\r\nConnection: x, close\r\n\r\nbusy",
    "HTTP/1.1 200 OK\r\nX-Id: a\tb\r\nContent-Length: 31\r\n\r\n{\"order\": {\"id\": 17, \"s\": [5]}}",
  ].map { Array($0.utf8) }

  private static let words: [[UInt8]] = [
    "HTTP/1.1 ", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "\r\n", "\r", "\n", "\r\n\r\n", ":", ": ", " ",
    "\t", "\0", "Content-Length: ", "Content-Length: 5\r\n", "content-length:0\r\n", "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n", "Connection: close\r\n", "Connection: keep-alive\r\n", "0\r\n\r\n",
    "5\r\nhello\r\n",
    "ffffffffffffffff\r\n", "7fffffffffffffff\r\n", "99999999999999999999", ";", "\r\n folded", "X: y\r\n", "{\"a\": [",
    "\\u00e9", "é",
  ].map { Array($0.utf8) }

  static func response(_ random: inout Random) -> [UInt8] {
    var bytes = random.pick(corpus)
    for _ in 0..<random.below(6) { mutate(&bytes, &random) }
    // Another answer behind it, as a server that pipelines would send.
    if random.below(8) == 0 { bytes += random.pick(corpus) }
    return bytes
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout Random) {
    let place = random.below(bytes.count + 1)
    switch random.below(10) {
    case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
    case 1: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
    case 2, 3, 4: bytes.insert(contentsOf: random.pick(words), at: place)
    case 5: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
    case 6: bytes.removeLast(bytes.count - place)
    case 7:
      let other = random.pick(corpus)
      let from = random.below(other.count)
      bytes.insert(contentsOf: other[from..<min(other.count, from + random.below(60))], at: place)
    case 8:
      // Mostly short, so that many inputs go through in a second.
      let part = bytes[place..<min(bytes.count, place + 1 + random.below(40))]
      let times = random.below(400) == 0 ? 3_000 : 1 + random.below(20)
      bytes.insert(contentsOf: repeatElement(part, count: times).joined(), at: place)
    default: bytes.insert(UInt8(random.below(128)), at: place)
    }
    if bytes.count > 1 << 17 { bytes.removeLast(bytes.count - 1 << 17) }
  }

  /// Where the bytes are cut, as sockets would: mostly small pieces, sometimes all but one.
  static func cuts(_ count: Int, _ random: inout Random) -> [Int] {
    if count > 20_000 { return (0..<8).map { _ in random.below(count) }.sorted() }
    switch random.below(4) {
    case 0: return Array(0..<count)
    case 1: return [random.below(count + 1)]
    default: return (0..<(1 + random.below(12))).map { _ in random.below(count + 1) }.sorted()
    }
  }
}

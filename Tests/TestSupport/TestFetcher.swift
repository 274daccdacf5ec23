import FoundationEssentials
import Glibc
import Model
import Staging

/// HTTP as a test needs it: a GET on loopback, and values of JSON or of Prometheus's text.
package struct TestFetcher: Fetching {
  package init() {}

  package func get(_ url: String, within limit: Duration) throws(FetchFault) -> FetchedAnswer {
    let rest = url.dropFirst("http://".count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<slash].split(separator: ":")
    guard host.count == 2, let port = UInt16(host[1]) else { throw FetchFault(.other, "no address of loopback") }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    let milliseconds = Int(limit.seconds * 1000)
    var time = timeval(tv_sec: milliseconds / 1000, tv_usec: (milliseconds % 1000) * 1000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
    guard Loopback.connects(descriptor, to: port) else { throw FetchFault(.refused, "connection refused") }
    let request = Array("GET \(rest[slash...]) HTTP/1.0\r\nHost: \(rest[..<slash])\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw FetchFault(.other, "nothing could be sent")
    }
    return try answer(read(descriptor))
  }

  private func read(_ descriptor: Int32) throws(FetchFault) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      guard count > 0 else {
        throw FetchFault(errno == EAGAIN ? .hangs : .refused, String(cString: strerror(errno)))
      }
      bytes += buffer[..<count]
    }
  }

  private func answer(_ text: String) throws(FetchFault) -> FetchedAnswer {
    guard let head = text.firstRange(of: "\r\n\r\n"),
      let status = Int(text.split(separator: " ").dropFirst().first ?? "")
    else { throw FetchFault(.other, "no answer in HTTP") }
    return FetchedAnswer(status: status, body: String(text[head.upperBound...]))
  }

  package func value(at place: GaugePlace, in body: String) -> String? {
    switch place {
    case .metric(let name):
      return body.split(separator: "\n").first { $0.hasPrefix(name + " ") }?.split(separator: " ").last.map(String.init)
    case .json(let place):
      let keys = place.split(separator: ".").map(String.init)
      guard var tree = try? JSONDecoder().decode(Tree.self, from: Data(body.utf8)) else { return nil }
      for key in keys {
        guard case .map(let entries) = tree, let next = entries[key] else { return nil }
        tree = next
      }
      if case .number(let number) = tree { return decimal(number, places: 6) }
      return nil
    }
  }

  private enum Tree: Decodable {
    case map([String: Tree])
    case number(Double)
    case other

    init(from decoder: any Decoder) throws {
      if let map = try? [String: Tree](from: decoder) {
        self = .map(map)
      } else {
        let container = try decoder.singleValueContainer()
        self = (try? container.decode(Double.self)).map(Tree.number) ?? .other
      }
    }
  }
}

internal import CCurl

extension CurlSetup {
  /// Opens one connection and closes it again: shows whether the app can be had at all, and speaks what is asked for. Blocks.
  package func tryConnecting() throws(HTTPFault) {
    let heard = HandshakeText()
    var handle = try CurlHandle()
    try handle.reset(caFile: caFile)
    try handle.set(CURLOPT_URL, base.text)
    try handle.set(CURLOPT_PROXY, "")
    try handle.set(CURLOPT_CONNECT_ONLY, 1)
    try handle.setTimeout(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout)
    try handle.set(CURLOPT_HTTP_VERSION, version.curl)
    try handle.set(CURLOPT_VERBOSE, 1)
    let pointer = handle.pointer
    let data = Unmanaged.passUnretained(heard).toOpaque()
    try handle.check(poolops_curl_set_debugger(pointer, HandshakeText.note, data))
    let code = withExtendedLifetime(heard) { withoutBrokenPipe { curl_easy_perform(pointer) } }
    guard code == CURLE_OK else {
      let text = handle.text(code)
      throw HTTPFault(code: .init(code, text), message: "\(base.text): \(told(code, text))")
    }
    if version == .http2, heard.isWithoutHTTP2 {
      throw HTTPFault(code: .badResponse, message: "\(base.text): \(HTTPFault.notHTTP2.message)")
    }
  }

  /// What libcurl said, with what the file has to do with it.
  func told(_ code: CURLcode, _ text: String) -> String {
    switch code {
    case CURLE_SSL_CACERT_BADFILE: "ca_file '\(caFile ?? "")' cannot be read as certificates in PEM"
    case CURLE_PEER_FAILED_VERIFICATION:
      caFile.map { "\(text) (the authorities to trust are those of ca_file '\($0)')" }
        ?? "\(text) (ca_file names the authorities to trust, where the system's are not the ones)"
    default: text
    }
  }
}

extension CurlSetup.Version {
  var curl: Int { self == .http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1 }
}

extension HTTPFault {
  static let notHTTP2 = HTTPFault(
    code: .badResponse, message: "the server speaks HTTP/1, where HTTP/2 is asked for")
}

/// What libcurl says of the agreement on a protocol, which it tells in no other way before there is an answer.
private final class HandshakeText {
  private(set) var isWithoutHTTP2 = false

  static let note: curl_debug_callback = { _, kind, bytes, count, data in
    guard kind == CURLINFO_TEXT, let bytes, let data else { return 0 }
    let text = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    let isRefusal = text.hasPrefix("ALPN: server did not agree") || text.hasPrefix("ALPN: server accepted http/1")
    if isRefusal { Unmanaged<HandshakeText>.fromOpaque(data).takeUnretainedValue().isWithoutHTTP2 = true }
    return 0
  }
}

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
      let told = told(code, text, verification: handle.number(CURLINFO_SSL_VERIFYRESULT))
      throw HTTPFault(code: .init(code, text), message: "\(base.text): \(told)")
    }
    if version == .http2, heard.isWithoutHTTP2 {
      throw HTTPFault(code: .badResponse, message: "\(base.text): \(HTTPFault.notHTTP2.message)")
    }
  }

  /// What libcurl said, with what the file has to do with it.
  /// - Parameter verification: what OpenSSL says of the certificate (X509_V_ERR_).
  func told(_ code: CURLcode, _ text: String, verification: Int) -> String {
    switch code {
    case CURLE_OPERATION_TIMEDOUT: "connect_timeout is over (\(text))"
    case CURLE_SSL_CACERT_BADFILE: "ca_file '\(caFile ?? "")' cannot be read as certificates in PEM"
    case CURLE_PEER_FAILED_VERIFICATION: "\(text)\(reason(verification))"
    default: text
    }
  }

  private func reason(_ verification: Int) -> String {
    switch verification {
    // Not said yet: the authorities are known, and the name is not.
    case 1: " (the host of url is to be one of the names in the certificate)"
    // Not valid yet, and no longer.
    case 9, 10: ""
    default:
      caFile.map { " (the authorities to trust are those of ca_file '\($0)')" }
        ?? " (ca_file names the authorities to trust, where the system's are not the ones)"
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

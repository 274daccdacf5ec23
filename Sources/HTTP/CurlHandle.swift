internal import CCurl
internal import Glibc

/// One of libcurl's handles for a transfer, with the settings that all of ours have. Not used by two threads at once.
struct CurlHandle: ~Copyable {
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  /// Of the error's text, which libcurl writes when a transfer fails.
  private static let errorRoom = Int(CURL_ERROR_SIZE)

  let pointer: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headers: UnsafeMutablePointer<curl_slist>?

  init() throws(HTTPFault) {
    guard Self.isReady, let pointer = curl_easy_init() else {
      throw HTTPFault(code: .unknown, message: "libcurl could not be set up")
    }
    self.pointer = pointer
    errorText = .allocate(capacity: Self.errorRoom)
    errorText.initialize(repeating: 0, count: Self.errorRoom)
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(headers)
    errorText.deallocate()
  }

  /// Forgets all settings, but no connection; then only http and https are spoken, without signals, and nothing is followed.
  mutating func reset(caFile: String?) throws(HTTPFault) {
    curl_easy_reset(pointer)
    curl_slist_free_all(headers)
    headers = nil
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_NOPROGRESS, 1)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_PATH_AS_IS, 1)
    // A name that is still being looked up holds nobody up who has given up waiting.
    try set(CURLOPT_QUICK_EXIT, 1)
    if let caFile { try set(CURLOPT_CAINFO, caFile) }
    errorText.pointee = 0
    try check(poolops_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText))
  }

  func set(_ option: CURLoption, _ value: Int) throws(HTTPFault) {
    try check(poolops_curl_set_long(pointer, option, value))
  }

  func set(_ option: CURLoption, _ value: String) throws(HTTPFault) {
    try check(poolops_curl_set_string(pointer, option, value))
  }

  func setTimeout(_ option: CURLoption, _ value: Duration) throws(HTTPFault) {
    let (seconds, attoseconds) = value.components
    let milliseconds = min(seconds, 1 << 31) * 1000 + attoseconds / 1_000_000_000_000_000
    // 0 would be no limit at all.
    try set(option, Int(min(max(milliseconds, 1), Int64(Int32.max))))
  }

  /// `lines` are `Name: value`; `Name;` for an empty value, and `Name:` for none of libcurl's own.
  mutating func setHeaders(_ lines: [String]) throws(HTTPFault) {
    for line in lines {
      guard let longer = curl_slist_append(headers, line) else {
        throw HTTPFault(code: .unknown, message: "out of memory")
      }
      headers = longer
    }
    try check(poolops_curl_set_list(pointer, CURLOPT_HTTPHEADER, headers))
  }

  /// - Parameter body: nil: none, though methods that are meant to have one say that theirs is empty.
  func setMethod(_ method: String, body: [UInt8]?) throws(HTTPFault) {
    if method == "HEAD" { return try set(CURLOPT_NOBODY, 1) }
    if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
      let body = body ?? []
      try set(CURLOPT_POST, 1)
      try check(poolops_curl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
      let code = body.withUnsafeBytes {
        poolops_curl_set_pointer(
          pointer, CURLOPT_COPYPOSTFIELDS,
          UnsafeMutableRawPointer(mutating: $0.baseAddress ?? UnsafeRawPointer(errorText)))
      }
      try check(code)
    }
    try set(CURLOPT_CUSTOMREQUEST, method)
  }

  /// Calls `write` with parts of the body and `header` with lines of the head; both are given `object`, and return how many bytes they took.
  func setReceivers(write: curl_write_callback, header: curl_write_callback, _ object: AnyObject) throws(HTTPFault) {
    let data = Unmanaged.passUnretained(object).toOpaque()
    try check(poolops_curl_set_writer(pointer, CURLOPT_WRITEFUNCTION, write))
    try check(poolops_curl_set_pointer(pointer, CURLOPT_WRITEDATA, data))
    try check(poolops_curl_set_writer(pointer, CURLOPT_HEADERFUNCTION, header))
    try check(poolops_curl_set_pointer(pointer, CURLOPT_HEADERDATA, data))
  }

  func check(_ code: CURLcode) throws(HTTPFault) {
    guard code == CURLE_OK else {
      throw HTTPFault(
        code: .unknown, message: "libcurl refuses a setting: \(String(cString: curl_easy_strerror(code)))")
    }
  }

  func number(_ info: CURLINFO) -> Int {
    var value = 0
    return poolops_curl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
  }

  func microseconds(_ info: CURLINFO) -> Int64 {
    var value: curl_off_t = 0
    return poolops_curl_get_size(pointer, info, &value) == CURLE_OK ? Int64(value) : 0
  }

  /// What libcurl said of the last transfer beside its code; it is emptied when the next begins.
  var errorMessage: String { String(cString: errorText) }

  /// What libcurl said of the transfer that failed with `code`. Names at most the host.
  func text(_ code: CURLcode) -> String {
    let text = errorMessage
    return oneLine(text.isEmpty ? String(cString: curl_easy_strerror(code)) : text)
  }
}

extension HTTPFault.Code {
  /// - Parameter text: what libcurl said, since it has one code for connections that break and for chunks that are none.
  init(_ code: CURLcode, _ text: String) {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .unresolved
    case CURLE_COULDNT_CONNECT: self = .refused
    case CURLE_OPERATION_TIMEDOUT: self = .timeout
    // The connection broke in the handshake.
    case CURLE_SSL_CONNECT_ERROR where text.contains("SSL_ERROR_SYSCALL") || text.contains("reset by peer"):
      self = .gone
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
      CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
      self = .tls
    case CURLE_RECV_ERROR where text.contains("chunk"): self = .badResponse
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2_STREAM,
      CURLE_SSL_SHUTDOWN_FAILED:
      self = .gone
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2,
      CURLE_TOO_MANY_REDIRECTS:
      self = .badResponse
    case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: self = .invalidRequest
    default: self = .unknown
    }
  }
}

extension HTTPFault.Code {
  /// Whether it comes of opening a connection only: transfers themselves are not given a limit by which libcurl would end them.
  var isOfConnecting: Bool {
    switch self {
    case .refused, .unresolved, .timeout, .tls: true
    default: false
    }
  }
}

/// SIGPIPE is kept from this thread while `body` runs: libcurl is told to leave signals alone, and OpenSSL may cause one.
func withoutBrokenPipe<Result: ~Copyable>(_ body: () -> Result) -> Result {
  var pipe = sigset_t()
  var before = sigset_t()
  var pending = sigset_t()
  sigemptyset(&pipe)
  sigaddset(&pipe, SIGPIPE)
  sigpending(&pending)
  pthread_sigmask(SIG_BLOCK, &pipe, &before)
  let result = body()
  if sigismember(&pending, SIGPIPE) == 0 {
    var now = timespec()
    while sigtimedwait(&pipe, nil, &now) == SIGPIPE {}
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
  return result
}

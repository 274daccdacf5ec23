internal import HTTP
internal import Model

extension HTTPFault {
  /// The class under which a failed attempt to connect is counted.
  var whileConnecting: ErrorClass {
    switch code {
    case .timeout: .connectTimeout
    case .tls: .tls
    case .badResponse: .badResponse
    case .invalidRequest: .valueMissing
    default: .connectionRefused
    }
  }

  /// The class under which a request that failed on its connection is counted.
  var whileRunning: ErrorClass {
    switch code {
    case .status(let status): .status(status)
    case .badResponse, .tooLarge: .badResponse
    case .unexpectedBody: .unexpectedBody
    case .valueMissing, .invalidRequest: .valueMissing
    case .refused, .unresolved: .connectionRefused
    case .timeout: .requestTimeout
    case .firstByteTimeout: .firstByteTimeout
    case .tls: .tls
    case .gone, .stale, .unknown: .serverGone
    }
  }
}

extension ConnectFault {
  init(_ fault: HTTPFault) { self.init(error: fault.whileConnecting, message: fault.message) }
}

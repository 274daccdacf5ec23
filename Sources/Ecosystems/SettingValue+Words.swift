import Model

extension SettingValue {
  static func seconds(_ seconds: Int64) -> SettingValue { .duration(.seconds(seconds)) }
  static func milliseconds(_ milliseconds: Int64) -> SettingValue { .duration(.milliseconds(milliseconds)) }
  static func minutes(_ minutes: Int64) -> SettingValue { .seconds(minutes * 60) }
}

/// What pools have in common that do not bound their waiters or their opening of connections.
extension Expression {
  static let unboundedQueue = Expression.absent(
    behaves: .unlimited, nearest: "a limit of concurrent requests in the application, or a short acquire timeout")
  static let noJitter = Expression.absent(
    behaves: .fraction(0), nearest: "a slightly different maximum age in each process")
}

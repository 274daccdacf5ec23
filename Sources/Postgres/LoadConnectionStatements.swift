internal import CPostgres
internal import Glibc

/// The statements of a load with room for their parameters, laid out as libpq wants them.
///
/// One owner, one thread. A parameter's value stays until it is set again; `LoadConnection.send` copies it out.
package struct LoadStatements: ~Copyable {
  struct Entry {
    let sql: UnsafeMutablePointer<CChar>
    let name: UnsafeMutablePointer<CChar>
    let deallocate: UnsafeMutablePointer<CChar>
    let parameters: Int32
    let values: UnsafeMutablePointer<UnsafePointer<CChar>?>
    /// For each parameter: room for numbers, or the copy of a text.
    let buffers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>>
    /// The same for the wire: the values with their lengths, and the messages.
    let wireValues: UnsafeMutablePointer<WireValue>
    /// Counts how often a parameter was set.
    var revision = 0
    let prepareMessage: WireBytes
    let closeMessage: WireBytes
    var executeMessage: WireRequest
    var parseAndExecuteMessage: WireRequest

    @inline(__always)
    mutating func encodeExecute() -> UnsafeRawBufferPointer {
      executeMessage.encode(wireValues, count: Int(parameters), revision: revision)
      return executeMessage.bytes
    }

    mutating func encodeParseAndExecute() -> UnsafeRawBufferPointer {
      parseAndExecuteMessage.encode(wireValues, count: Int(parameters), revision: revision)
      return parseAndExecuteMessage.bytes
    }

    mutating func reserve() {
      executeMessage.reserve(wireValues, count: Int(parameters))
      parseAndExecuteMessage.reserve(wireValues, count: Int(parameters))
    }

    @inline(__always)
    mutating func set(_ parameter: Int, _ value: UnsafePointer<CChar>, _ count: Int) {
      values[parameter] = value
      wireValues[parameter] = WireValue(base: value, count: count)
      revision &+= 1
    }
  }
  /// The longest number: a sign, 19 digits, a point, 9 decimals and the end, or a shortest-form double.
  private static let numberRoom = 32

  /// First: after a number the compiler (6.3.1) breaks off when it builds for the Thread Sanitizer.
  let entries: UnsafeMutablePointer<Entry>
  package let count: Int
  /// The digits of 00 to 99, as they lie in memory.
  private let pairs: UnsafeMutablePointer<UInt16>

  /// - Parameter statements: SQL with `$1, $2 ...`, and how many of these there are.
  package init(_ statements: [(sql: String, parameters: Int)]) {
    count = statements.count
    entries = .allocate(capacity: max(count, 1))
    pairs = .allocate(capacity: 100)
    for value in 0..<100 {
      (pairs + value).initialize(to: UInt16(littleEndian: UInt16(48 + value % 10) << 8 | UInt16(48 + value / 10)))
    }
    for (index, statement) in statements.enumerated() {
      (entries + index).initialize(to: Self.entry(index, statement.sql, statement.parameters))
    }
  }

  deinit {
    for index in 0..<count {
      let entry = entries[index]
      for parameter in 0..<Int(entry.parameters) { entry.buffers[parameter].deallocate() }
      entry.sql.deallocate()
      entry.name.deallocate()
      entry.deallocate.deallocate()
      entry.values.deallocate()
      entry.buffers.deallocate()
      entry.wireValues.deallocate()
      entry.prepareMessage.base.deallocate()
      entry.closeMessage.base.deallocate()
      entry.executeMessage.deallocate()
      entry.parseAndExecuteMessage.deallocate()
    }
    entries.deallocate()
    pairs.deallocate()
  }

  private static func entry(_ index: Int, _ sql: String, _ parameters: Int) -> Entry {
    let name = "poolops_\(index)"
    let values = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(parameters, 1))
    let buffers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>>.allocate(capacity: max(parameters, 1))
    let wireValues = UnsafeMutablePointer<WireValue>.allocate(capacity: max(parameters, 1))
    for parameter in 0..<parameters {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: numberRoom + WireRequest.block)
      buffer.initialize(repeating: 0, count: numberRoom + WireRequest.block)
      (buffers + parameter).initialize(to: buffer)
      (values + parameter).initialize(to: UnsafePointer(buffer))
      (wireValues + parameter).initialize(to: WireValue(base: buffer, count: 0))
    }
    return Entry(
      sql: cString(sql), name: cString(name), deallocate: cString("DEALLOCATE " + name), parameters: Int32(parameters),
      values: values, buffers: buffers, wireValues: wireValues,
      prepareMessage: WireBytes(WireEncoding.parse(name, sql) + WireEncoding.sync),
      closeMessage: WireBytes(WireEncoding.close(name) + WireEncoding.sync),
      executeMessage: WireRequest(before: [], name: name, parameters: parameters),
      parseAndExecuteMessage: WireRequest(before: WireEncoding.parse("", sql), name: "", parameters: parameters))
  }

  private borrowing func check(_ statement: Int, _ parameter: Int) {
    precondition(
      statement >= 0 && statement < count && parameter >= 0 && parameter < Int(entries[statement].parameters),
      "no such parameter")
  }

  package mutating func set(_ statement: Int, _ parameter: Int, text: String) {
    check(statement, parameter)
    entries[statement].buffers[parameter].deallocate()
    let buffer = cString(text, spare: WireRequest.block)
    entries[statement].buffers[parameter] = buffer
    entries[statement].set(parameter, buffer, strlen(buffer))
    entries[statement].reserve()
  }

  /// Only for a parameter that was never set to a text.
  package mutating func set(_ statement: Int, _ parameter: Int, integer: Int64) {
    check(statement, parameter)
    let end = entries[statement].buffers[parameter] + (Self.numberRoom - 1)
    let begin = write(integer, before: end)
    entries[statement].set(parameter, begin, end - begin)
  }

  /// With nine decimals, so that seconds keep their nanoseconds. Only for a parameter that was never set to a text.
  package mutating func set(_ statement: Int, _ parameter: Int, decimal: Double) {
    check(statement, parameter)
    let buffer = entries[statement].buffers[parameter]
    guard decimal.magnitude < 9e9 else { return setShortest(statement, parameter, decimal) }
    let end = buffer + (Self.numberRoom - 1)
    let billionths = Int64((decimal.magnitude * 1e9).rounded())
    var cursor = write(billionths % 1_000_000_000 + 1_000_000_000, before: end)
    // The leading 1 kept the zeros of the decimals; the point takes its place.
    cursor.pointee = CChar(UInt8(ascii: "."))
    cursor = write(billionths / 1_000_000_000, before: cursor)
    if decimal < 0 {
      cursor -= 1
      cursor.pointee = CChar(UInt8(ascii: "-"))
    }
    entries[statement].set(parameter, cursor, end - cursor)
  }

  private mutating func setShortest(_ statement: Int, _ parameter: Int, _ value: Double) {
    let buffer = entries[statement].buffers[parameter]
    for (offset, byte) in "\(value)".utf8CString.prefix(Self.numberRoom - 1).enumerated() { buffer[offset] = byte }
    entries[statement].set(parameter, buffer, strlen(buffer))
  }

  /// Writes the digits so that they end just before `end`, two at a time; returns where they begin.
  @inline(__always)
  private borrowing func write(_ value: Int64, before end: UnsafeMutablePointer<CChar>) -> UnsafeMutablePointer<CChar> {
    var cursor = end
    var rest = value.magnitude
    while rest >= 100 {
      cursor -= 2
      UnsafeMutableRawPointer(cursor).storeBytes(of: pairs[Int(rest % 100)], as: UInt16.self)
      rest /= 100
    }
    cursor -= 2
    UnsafeMutableRawPointer(cursor).storeBytes(of: pairs[Int(rest)], as: UInt16.self)
    if rest < 10 { cursor += 1 }
    if value < 0 {
      cursor -= 1
      cursor.pointee = CChar(UInt8(ascii: "-"))
    }
    return cursor
  }
}

/// Which statements one connection has prepared: least recently used goes first when there is no room.
struct PreparedStatements: ~Copyable {
  /// 0: unlimited use of unnamed statements, nothing is kept.
  let capacity: Int
  private let count: Int
  /// When each statement was last used; 0 when it is not prepared.
  private let stamps: UnsafeMutablePointer<UInt64>
  private var clock: UInt64 = 0
  private var prepared = 0

  init(capacity: Int, statements: Int) {
    self.capacity = capacity
    count = statements
    stamps = .allocate(capacity: max(statements, 1))
    stamps.initialize(repeating: 0, count: max(statements, 1))
  }

  deinit { stamps.deallocate() }

  var isFull: Bool { prepared >= capacity }

  /// Whether `statement` is prepared; if so, this is a use of it.
  mutating func use(_ statement: Int) -> Bool {
    precondition(statement >= 0 && statement < count, "no such statement")
    guard stamps[statement] > 0 else { return false }
    clock &+= 1
    stamps[statement] = clock
    return true
  }

  mutating func add(_ statement: Int) {
    clock &+= 1
    stamps[statement] = clock
    prepared += 1
  }

  mutating func removeOldest() -> Int {
    var oldest = 0
    for statement in 0..<count where stamps[statement] > 0 {
      if stamps[oldest] == 0 || stamps[statement] < stamps[oldest] { oldest = statement }
    }
    stamps[oldest] = 0
    prepared -= 1
    return oldest
  }
}

internal import Model
internal import Statistics

/// Where the values of parameters go: the statements or the requests of a load.
protocol ParameterSink: ~Copyable {
  mutating func set(_ transaction: Int, _ parameter: Int, integer: Int64)
  mutating func set(_ transaction: Int, _ parameter: Int, decimal: Double)
  /// False when the text cannot stand there, and then nothing is set.
  mutating func put(_ transaction: Int, _ parameter: Int, _ text: String) -> Bool
}

/// How the parameters of each transaction are drawn, in a flat table.
struct ParameterDraws: ~Copyable {
  enum Draw: BitwiseCopyable {
    /// Set once, at the beginning.
    case fixed
    case integer(low: Int, high: Int)
    case constant(Double)
    case uniform(low: Double, high: Double)
    case exponential(mean: Double)
    /// What an earlier step of the flow captured, by its place in `LoadSpec.captureNames`.
    case captured(Int)
  }
  /// First draw of each transaction, and one past the last.
  private let begins: UnsafeMutablePointer<Int>
  private let draws: UnsafeMutablePointer<Draw>
  private let transactions: Int

  /// - Parameter captures: see `LoadSpec.captureNames`.
  init<Sink: ParameterSink & ~Copyable>(
    _ transactions: [Transaction], captures: [String], settingTextsIn sink: inout Sink
  ) {
    let count = transactions.map(\.parameters.count).reduce(0, +)
    self.transactions = transactions.count
    begins = .allocate(capacity: transactions.count + 1)
    begins.initialize(repeating: 0, count: transactions.count + 1)
    draws = .allocate(capacity: count)
    draws.initialize(repeating: .fixed, count: count)
    var next = 0
    for (index, transaction) in transactions.enumerated() {
      for (place, parameter) in transaction.parameters.enumerated() {
        if case .text(let text) = parameter.values { _ = sink.put(index, place, text) }
        draws[next] = Self.draw(parameter.values, captures)
        next += 1
      }
      begins[index + 1] = next
    }
  }

  deinit {
    begins.deallocate()
    draws.deallocate()
  }

  private static func draw(_ values: ParameterValues, _ captures: [String]) -> Draw {
    switch values {
    case .text: .fixed
    case .captured(let name): captures.firstIndex(of: name).map(Draw.captured) ?? .fixed
    case .integers(let low, let high): .integer(low: Int(low), high: Int(high))
    case .number(.constant(let value)): .constant(value)
    case .number(.uniform(let low, let high)): .uniform(low: low, high: high)
    case .number(.exponential(let mean)): .exponential(mean: mean)
    }
  }

  /// Draws the parameters of one transaction and sets them.
  /// - Parameters:
  ///   - visit: the user's number in `values`.
  ///   - values: what earlier steps captured.
  /// - Returns: false when a captured value cannot stand where it is to go.
  @inline(__always)
  func fill<Sink: ParameterSink & ~Copyable>(
    _ transaction: Int, of sink: inout Sink, visit: Int, _ values: borrowing FlowValues,
    _ random: inout RandomSource
  ) -> Bool {
    precondition(transaction >= 0 && transaction < transactions, "no such transaction")
    let begin = begins[transaction]
    for place in 0..<(begins[transaction &+ 1] &- begin) {
      switch draws[begin &+ place] {
      case .fixed: break
      case .captured(let index):
        guard put(values, visit, index, at: place, of: transaction, &sink) else { return false }
      case .integer(let low, let high):
        sink.set(transaction, place, integer: Int64(random.integer(in: low...high)))
      case .constant(let value): sink.set(transaction, place, decimal: value)
      case .uniform(let low, let high):
        sink.set(transaction, place, decimal: low + (high - low) * random.uniform())
      case .exponential(let mean): sink.set(transaction, place, decimal: random.exponential(mean: mean))
      }
    }
    return true
  }

  /// Never inlined: what flows need would be reckoned for every parameter.
  @inline(never)
  private func put<Sink: ParameterSink & ~Copyable>(
    _ values: borrowing FlowValues, _ visit: Int, _ index: Int, at place: Int, of transaction: Int, _ sink: inout Sink
  ) -> Bool {
    sink.put(transaction, place, String(decoding: values.value(visit: visit, index), as: UTF8.self))
  }
}

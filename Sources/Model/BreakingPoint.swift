/// What a load of steps found in one block.
package struct BreakingPoint: Hashable, Sendable {
  /// Of the highest step that held; 0 when the first one did not.
  package var held: Int
  /// Of the first step that did not; nil when all held, and the breaking point lies beyond.
  package var broke: Int?
  /// Which condition ended it, as the file has it; empty when none did.
  package var condition: String
  /// What was measured in the step that did not hold, in the base unit of the condition's metric.
  package var value: Double?
  package init(held: Int, broke: Int? = nil, condition: String = "", value: Double? = nil) {
    self.held = held
    self.broke = broke
    self.condition = condition
    self.value = value
  }
}

/// Version 4: sweeps, the parts of a mixed load, flows.
extension Schema {
  static let version4 = """
    """
}

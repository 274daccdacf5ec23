/// Version 8: blocks that were measured to their end and do not count, since the machine was disturbed; they were measured again.
extension Schema {
  static let version8 = """
    CREATE TABLE set_aside (                                        -- blocks whose status is aborted
      block  INTEGER PRIMARY KEY REFERENCES blocks (id),
      reason TEXT NOT NULL
    ) STRICT;

    """
}

/// Version 4: sweeps, the parts of a mixed load, flows, steps of rollouts.
extension Schema {
  static let version4 = rollouts4

  private static let rollouts4 = """
    CREATE TABLE rollout_steps (                                    -- runs on the way to a change; no comparison has them
      run      INTEGER PRIMARY KEY REFERENCES runs (id),
      max_size INTEGER NOT NULL CHECK (max_size > 0)
    ) STRICT;

    """
}

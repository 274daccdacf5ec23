/// Version 7: cells of a sweep that are measured again, and sweeps that confirm the knee of another.
extension Schema {
  static let version7 = """
    ALTER TABLE sweeps ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CHECK (again >= 0);  -- further blocks of an unsteady cell
    ALTER TABLE sweeps ADD COLUMN confirms INTEGER REFERENCES executions (id);          -- the sweep whose knee it confirms

    """
}

/// Version 2: what people add to the recordings.
extension Schema {
  static let version2 = """
    CREATE TABLE tags (
      name   TEXT PRIMARY KEY,                                      -- golden: belongs to one run at a time
      run    INTEGER NOT NULL REFERENCES runs (id),
      set_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tags_run ON tags (run);

    CREATE TABLE sign_offs (                                        -- append-only: the newest of an item counts
      id        INTEGER PRIMARY KEY AUTOINCREMENT,
      item      TEXT NOT NULL,
      signed_by TEXT NOT NULL CHECK (signed_by <> ''),
      date      TEXT NOT NULL,                                      -- 2026-11-20, as signed
      subject   TEXT NOT NULL,                                      -- digest of the text that was signed
      note      TEXT NOT NULL,
      at        INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sign_offs_item ON sign_offs (item, id);
    CREATE TRIGGER sign_offs_stay BEFORE UPDATE ON sign_offs
    BEGIN SELECT raise(ABORT, 'a sign-off is never changed; record another'); END;
    CREATE TRIGGER sign_offs_remain BEFORE DELETE ON sign_offs
    BEGIN SELECT raise(ABORT, 'a sign-off is never removed; record another'); END;
    """
}

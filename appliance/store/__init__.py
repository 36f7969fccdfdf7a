"""What the box remembers: one SQLite file, one writer thread, one file here per table family."""

"""What a box said, kept in a file without names and secrets, and shown again."""

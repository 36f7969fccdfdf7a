"""What the command does itself: one file a noun or verb, each with its ``HANDLERS`` by verb."""

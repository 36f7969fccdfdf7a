"""Models that labs lend each other: hosted by one, asked by others."""

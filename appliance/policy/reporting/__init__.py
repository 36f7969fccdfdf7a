"""What of a day's tallies may be told, and at which size."""

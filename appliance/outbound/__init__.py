"""The one HTTP client of the box: whatever leaves it goes through here, and nothing where it is offline."""

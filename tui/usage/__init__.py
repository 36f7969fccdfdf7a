"""The screen USAGE."""

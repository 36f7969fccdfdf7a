"""The screen PEOPLE."""

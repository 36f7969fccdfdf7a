"""Decides: pure functions from values to values, with no IO and no settings."""

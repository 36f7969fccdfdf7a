"""Browsers' sessions: begun with a key, ended with it."""

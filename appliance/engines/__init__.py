"""Engines compute tokens. ``base`` holds the contracts; the concrete ones do not know each other."""

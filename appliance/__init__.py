"""Carrel: a one-box model appliance for an academic lab."""

__version__ = "0.1.0"

"""Flaw reports: cases that can be seen again, looked at by a reviewer, and what an accepted one pays."""

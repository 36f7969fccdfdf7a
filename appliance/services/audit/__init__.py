"""The record of who did what to the box."""

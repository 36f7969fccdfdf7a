"""The lab's words as frozen values. No IO, no clock, no settings."""

"""The screen CLASS."""

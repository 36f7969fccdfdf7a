"""The screen JOBS."""

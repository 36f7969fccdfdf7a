"""The screen LOGS: the log, what waits for a reviewer, and who did what."""

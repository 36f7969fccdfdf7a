"""What chat completions, responses and messages have in common: conversations in, parts of answers out."""

"""The OpenAI shapes under /v1: chat completions, completions, models."""

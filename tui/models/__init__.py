"""The screen MODELS."""

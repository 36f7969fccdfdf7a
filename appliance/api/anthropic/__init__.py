"""Anthropic's Messages API: its shapes, its events, its errors."""

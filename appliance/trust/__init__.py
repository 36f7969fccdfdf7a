"""What the box signs, and what it believes: its own key, signed tokens, canonical JSON."""

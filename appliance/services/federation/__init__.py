"""This box in a federation: whom it belongs to, what it says and is told, and when."""

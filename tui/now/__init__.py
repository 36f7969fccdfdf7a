"""The screen NOW."""

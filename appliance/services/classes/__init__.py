"""Lessons: who sits in them, how they join, what they may ask, and what their teacher sees."""

"""Tripwires: what is odd in how somebody uses the box, told from counts alone. Pure, and in memory only."""

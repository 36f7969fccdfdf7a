"""Spot checks: a random sample of requests that a reviewer puts beside the purpose that was declared."""

"""Models that labs give each other: what this one gives, who may fetch it, and how it fetches from others."""

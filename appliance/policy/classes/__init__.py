"""Classes: when they are, what they may be, who sits where, and how they are told. Pure."""

"""Models that are hosted elsewhere, as sources of tokens. They leave this box, and say so everywhere."""

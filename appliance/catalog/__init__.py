"""What may be served: the recipes that came with this version."""

"""What a registry is made of: its folder, its settings, its keys."""

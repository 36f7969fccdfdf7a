"""Folders and repositories of the hub, listed, hashed and peeked into for whoever writes a recipe."""

"""Writes recipes from what there is: a folder, a repository of the hub, a draft. Approves nothing."""

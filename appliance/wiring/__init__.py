"""Builds the running box from its settings: the only room that names concrete parts."""

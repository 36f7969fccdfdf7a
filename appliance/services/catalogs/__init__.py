"""Signed catalogs as operators deal with them: how they stand, and fetching them anew."""

"""Catalogs that others sign: whom the box trusts, how their lists are fetched, and what of them is verified.

The trust is The Update Framework's (python-tuf). Whoever keeps a catalog uses ``catalog.publishing``.
"""

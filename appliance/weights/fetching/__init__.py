"""Brings the bytes of files into the blob store, in a process of its own that can die at any moment.

``process.py`` is the gateway's side. All else is the child's, ``python -m appliance.weights.fetching``.
"""

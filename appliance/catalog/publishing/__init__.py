"""A catalog of one's own, without any registry: a folder that is signed here and copied to wherever boxes
look.

The folder has ``metadata/`` and ``targets/`` as boxes read them, and ``keys/``, which never leaves. An
organization that signs for its own models in somebody else's catalog has a folder of the same form.
"""

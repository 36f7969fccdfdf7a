"""Looks inside the files of a model before anything else opens them, in a process of its own that may read
these files and nothing more. ``python -m appliance.weights.inspecting`` is that process.
"""

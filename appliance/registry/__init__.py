"""The central side: enrolls boxes, leases models, takes in reports, publishes a catalog.

It knows nothing of what runs on a box.
"""

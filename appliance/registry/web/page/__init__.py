"""The page of the registry: what was used, by whom, and how boxes, leases and catalog stand. Made whole on
the server: no script, nothing from elsewhere.
"""

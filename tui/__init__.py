"""The terminal UI: a viewer of one box, for whoever runs it. It sees the client and the domain, nothing
else; closing it ends nothing.
"""

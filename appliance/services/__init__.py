"""The product's verbs. Ports are Protocols beside their consumer; ``wiring`` joins them to the rooms
below.
"""

"""The registry's catalog: taken over from where it is signed, kept fresh, and joined by lists of
organizations.
"""

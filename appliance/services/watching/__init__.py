"""Looking on: actions that change nothing are asked again and again for whoever watches, and what changed
is told.
"""

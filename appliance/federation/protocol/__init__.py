"""The wire protocol, version 1: kinds, shapes, bounds and rules. No IO; both sides use it.

A box says messages, a registry answers with statements. Both are signed tokens (``trust.signed``), the same
bytes over HTTPS and on a stick. What makes a message fresh over HTTPS, the proof, travels beside it.
"""

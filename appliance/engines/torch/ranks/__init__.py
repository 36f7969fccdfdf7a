"""Tensor parallelism: one model in several processes, each with a part of every matrix and of the heads.

Rank 0 is the worker itself; it starts the others, tells them each pass, and alone holds the logits.
"""

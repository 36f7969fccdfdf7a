"""Speaks with the registry: what is said and under which rules, over the network and on a stick."""

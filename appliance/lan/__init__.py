"""This machine on its local network: which addresses it has, and the name that it is found by."""

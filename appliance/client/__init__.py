"""Clients of the box: the operator's over the admin socket, a student's over HTTP."""

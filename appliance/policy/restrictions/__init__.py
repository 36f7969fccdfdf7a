"""What restrictions do to a request: several combined to the strictest, applied, and told in words. Pure."""

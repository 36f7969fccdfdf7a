"""Whether a request may be computed, and in which form: the gates that it goes through."""

"""Which models run, and the processes that serve them."""

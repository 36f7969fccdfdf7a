"""What the box keeps and for how long, and what people may know and have erased of it."""

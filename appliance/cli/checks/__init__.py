"""What the doctor looks at. In each file, functions that decide take values; ``look`` gathers those."""

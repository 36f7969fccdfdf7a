"""The screen GPUS."""

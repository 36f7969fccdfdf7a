"""The parts of ``scripts/make_tiny_safetensors.py``."""

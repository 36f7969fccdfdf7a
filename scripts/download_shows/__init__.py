"""The parts of ``scripts/show_download.py``."""

"""The parts of ``scripts/make_random_model.py``."""

"""Parts of ``bench_registry.py``."""

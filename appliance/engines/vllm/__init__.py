"""The vLLM engine: models on several GPUs, or several machines, under vLLM's own scheduler. CUDA only.

vLLM decides what is computed when, and samples. Kept here are the promises of Carrel's engines: nothing is
taken on that does not fit, counts are exact, text is let go by our own rules, owners share nothing.
"""

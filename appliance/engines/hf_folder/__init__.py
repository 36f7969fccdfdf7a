"""A model's folder as Hugging Face lays it out: what it holds and says, looked at without torch, for the
engines that read safetensors.
"""

"""The torch engine: full precision, int8 and nf4, from safetensors."""

"""llama.cpp through llama-cpp-python's low-level API. Only ``plugin`` may be imported without the library."""

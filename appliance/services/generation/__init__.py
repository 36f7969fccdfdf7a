"""The life of one request: prepare, reserve, queue, stream, settle."""

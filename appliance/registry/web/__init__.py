"""The registry over HTTP: messages in, signed statements out, the catalog as files, a page to read."""

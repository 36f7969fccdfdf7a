"""HTTP applications: the OpenAI shapes and health on TCP, the admin API on the Unix socket."""

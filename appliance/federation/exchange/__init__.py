"""Messages on their way to a registry over HTTPS, and what comes back."""

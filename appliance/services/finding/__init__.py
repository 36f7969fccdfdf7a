"""What is known of one request by its id, and what the log has."""

"""What a project owes for the compute that it uses and asks for. Pure."""

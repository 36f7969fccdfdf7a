"""What every HTTP app shares: listening, limits, request ids, who is calling, errors. Knows no endpoint."""

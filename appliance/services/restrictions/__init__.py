"""What the lab allows of its models: kept in versions, asked at every request, and what it decided."""

"""What projects owe for their compute: counted, asked at every request, submitted and signed off."""

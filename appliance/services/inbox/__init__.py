"""What waits for somebody, from what every service lists."""

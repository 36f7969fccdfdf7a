"""What may be spent and what was: limits, requests for more, adjustments, statements."""

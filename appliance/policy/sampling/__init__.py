"""Which requests are spot checks: a rule that anybody with the day's seed can repeat. Pure."""
